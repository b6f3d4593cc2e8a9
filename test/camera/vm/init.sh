#!/bin/busybox sh
# The first process inside the camera VM (see camera-vm): drivers, file systems, then /command.
/bin/busybox --install -s /bin
. /settings
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev

share() { mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,"$3" "$1" "$2"; }
give_up() {
  echo "camera-vm: $1" >/dev/ttyS0
  poweroff -f
}

while read module; do
  case $module in
    vivid) args=$vivid_args ;;
    v4l2loopback) args=$loopback_args ;;
    *) args= ;;
  esac
  insmod "/modules/$module.ko" $args || echo "camera-vm: $module did not load" >/dev/ttyS0
done </modules/order

# The host's files, read-only, with a layer of memory above.
share host /host ro,cache=loose || give_up 'no host file system'
mount -t tmpfs -o size=75% rw /rw
mkdir /rw/up /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/up,workdir=/rw/work overlay /root || give_up 'no overlay'
mkdir -p /root/lib/modules
mount -t proc proc /root/proc
mount -t sysfs sysfs /root/sys
mount --bind /dev /root/dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs -o size=50% shm /root/dev/shm
mount -t devpts devpts /root/dev/pts
mount -t configfs configfs /root/sys/kernel/config 2>/dev/null
share result /result rw || give_up 'no folder for the result'
if [ -n "$out" ]; then
  mkdir -p "/root$out"
  share out "/root$out" rw || give_up "no $out"
fi
ip link set lo up
hostname camera-vm
chmod 666 /root/dev/video* 2>/dev/null
cp /command /root/.camera-vm-command

# The console passes bytes on as they are; a terminal that nobody holds open forgets that.
exec 3<>/dev/hvc0
stty -opost <&3
echo up >/result/booted
chroot /root /bin/bash /.camera-vm-command </dev/null >&3 2>&3
echo $? >/result/rc
sync
poweroff -f
