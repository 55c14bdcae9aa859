#!/bin/sh
# usage: unpack.sh FILE NUMBER
#
# In the guest that judges: unpacks a snapshot as the boot loader does, and asks it which one it is.
rm -rf /x
mkdir /x
tar -C /x -zxf "$1" >/dev/null 2>&1 || exit
cd /x || exit
[ "$(cat etc/commit)" = "$2" ] && sha256sum -c etc/sum >/dev/null 2>&1
