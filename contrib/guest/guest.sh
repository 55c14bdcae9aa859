# shellcheck shell=sh
# For contrib/crashtest, contrib/mediatest and contrib/boottest, which run virtual machines: what these need beside qemu, and a work folder.
# The variables are for those who source this.
# shellcheck disable=SC2034

# shellcheck source=contrib/common.sh
. "$(dirname -- "$0")/common.sh"

# require_guest PACKAGE... sets static, kernel, modules, and checkers, the folder of e2fsck and fsck.vfat.
require_guest() {
  # Two of these programs may be started at once: one installs and fetches, and the other finds it there.
  mkdir -p "$project/.build"
  exec 9>"$project/.build/guest.lock"
  flock 9
  require python3 qemu-system-x86 dosfstools e2fsprogs mtools busybox-static "$@"
  static=$project/.build/static
  [ -x "$static/lbud-multicall" ] || "$project/contrib/build-static" 9>&-

  # Unpacked, not installed: this machine's own boot is none of our business.
  kernels=$project/.build/crashtest-kernel
  ls "$kernels"/boot/vmlinuz-* >/dev/null 2>&1 || fetch_kernel
  kernel=$(ls "$kernels"/boot/vmlinuz-*)
  modules=$(echo "$kernels"/lib/modules/*)
  checkers=$(dirname -- "$(PATH=$PATH:/usr/sbin:/sbin command -v e2fsck)")
  exec 9>&-
}

kernel_package() {
  apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

fetch_kernel() {
  package=$(kernel_package)
  if [ -z "$package" ]; then
    apt-get -q update >/dev/null 2>&1 || die 'apt-get update fails' 'a cloud kernel is needed: linux-image-cloud-amd64'
    package=$(kernel_package)
  fi
  [ -n "$package" ] || die 'apt-get knows no linux-image-cloud-amd64' 'this runs on Debian, amd64'
  printf '%s: fetching %s\n' "$program" "$package"
  rm -rf "$kernels.new"
  mkdir -p "$kernels.new"
  (cd "$kernels.new" && apt-get -q download "$package" >log 2>&1) ||
    die "apt-get cannot download $package" "$(tail -n 1 "$kernels.new/log")"
  dpkg -x "$kernels.new"/*.deb "$kernels.new"
  rm -f "$kernels.new"/*.deb
  rm -rf "$kernels"
  mv "$kernels.new" "$kernels"
}

# The comment at the head of the program.
help() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# run_python FILE ARGUMENT...
run_python() {
  script=$project/contrib/$1
  shift
  # No bytecode in the clone.
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$project/contrib/guest python3 "$script" --work "$work" --kernel "$kernel" \
    --modules "$modules" --static "$static" --checkers "$checkers" "$@"
}

# make_work KEEP sets work, a folder that is removed in the end, unless KEEP is yes.
make_work() {
  mkdir -p "$project/.build"
  work=$(mktemp -d "$project/.build/$program.XXXXXX")
  kept=$1
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# shellcheck disable=SC2329 # called by trap
clean_up() {
  if [ "$kept" = yes ]; then
    printf '%s: the work folder is %s\n' "$program" "$work"
  else
    rm -rf "$work"
  fi
}
