# shellcheck shell=sh
# What the scripts of contrib/ have in common. They run on Debian; `project` is the top of the clone.

# shellcheck disable=SC2034 # for those who source this
project=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
program=${0##*/}

die() {
  printf '%s: error: %s\n' "$program" "$1" >&2
  [ -z "${2-}" ] || printf '%s: hint: %s\n' "$program" "$2" >&2
  exit 1
}

# require PACKAGE... installs the packages that are missing, and asks the network for nothing where none is.
require() {
  missing=
  for package; do
    state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || state=
    [ "$state" = 'install ok installed' ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "there is no apt-get to install:$missing" 'install these by other means'
  [ "$(id -u)" -eq 0 ] || die "these packages are missing:$missing" "as root: apt-get install$missing"
  printf '%s: installing%s\n' "$program" "$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of packages
  if ! { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get cannot install:$missing" 'see the lines above'
  fi
  rm -f "$log"
}

# Swift itself, and what it takes from Debian to compile and link C, C++ (swift-crypto) and zlib.
require_swift() {
  # Where the tarball of swift.org is unpacked by hand, root's PATH often lacks it.
  if ! command -v swift >/dev/null; then
    for folder in /opt/swift/usr/bin /usr/local/swift/usr/bin "$HOME/.local/share/swiftly/bin"; do
      if [ -x "$folder/swift" ]; then
        PATH=$folder:$PATH
        break
      fi
    done
  fi
  command -v swift >/dev/null ||
    die 'swift is not installed, or not in PATH' 'install Swift 6.3 or newer: https://www.swift.org/install/linux/'
  require git ca-certificates binutils libc6-dev zlib1g-dev libdeflate-dev libsystemd-dev
  # The compiler takes the newest C++ library there is, so any will do.
  ls /usr/include/c++/*/vector >/dev/null 2>&1 || require g++
  version=$(swift --version 2>&1 </dev/null) ||
    die "swift does not run: $(printf '%s' "$version" | head -n 1)" 'see https://www.swift.org/install/linux/'
  number=$(printf '%s\n' "$version" | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  case $number in
    [0-5].* | 6.[0-2] | '') die "swift is too old: ${number:-of no version that is known}" \
      'install Swift 6.3 or newer: https://www.swift.org/install/linux/' ;;
  esac
}
