#!/bin/sh
# usage: check.sh DEVICE OPTION
#
# In the guest that judges: has e2fsck check the device, and shows what it says where it cannot mend it.
/checkers/e2fsck "$2" "$1" >/tmp/check.log 2>&1
code=$?
[ "$code" -le 1 ] || sed 's/^/CT note /' /tmp/check.log
exit "$code"
