# Sourced by camera-vm. QEMU: with what acceleration, started, watched, and started again if it hangs.

kernel_arguments='console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable nokaslr cryptomgr.notests audit=0 lsm='

# "kvm" where a kernel really runs under it (nested and restricted ones accept a machine and then hang),
# else "tcg,thread=multi". The answer is kept until this machine boots again.
choose_accelerator() {
  local boot kept
  boot=$(cat /proc/sys/kernel/random/boot_id)
  kept=$cache/accelerator-$boot-$(id -u)
  if [ ! -e "$kept" ]; then
    rm -f "$cache"/accelerator-*
    if kvm_works; then echo kvm; else echo tcg,thread=multi; fi >"$kept"
  fi
  cat "$kept"
}

# A kernel without a root file system panics within a second or two, and panic=-1 ends QEMU.
kvm_works() {
  [ -w /dev/kvm ] || return 1
  timeout 5 qemu-system-x86_64 -accel kvm -cpu host -m 256 -kernel "$cache/vmlinux" -append 'panic=-1' \
    -nodefaults -no-reboot -display none </dev/null >/dev/null 2>&1
}

# Ends with the command's status, 124 or 125. A machine that does not come up is started once more.
run_machine() {
  local attempt
  deadline=$((SECONDS + limit))
  for attempt in 1 2; do
    start_machine
    if wait_for_boot; then
      wait_for_end
      return
    fi
    stop_machine
    [ $SECONDS -lt "$deadline" ] || time_is_up
    tail -5 "$run/kernel.log" >&2
    echo "camera-vm: the machine ended or was not up after $boot_limit s (attempt $attempt of 2)" >&2
  done
  fail 'the machine did not come up (the end of its kernel log is above)'
}

start_machine() {
  local share
  rm -rf "$run/result"
  mkdir "$run/result"
  : >"$run/kernel.log"
  share=(-fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap
         -device virtio-9p-pci,fsdev=host,mount_tag=host
         -fsdev "local,id=result,path=$run/result,security_model=none"
         -device virtio-9p-pci,fsdev=result,mount_tag=result)
  [ -z "$out" ] || share+=(-fsdev "local,id=out,path=$out,security_model=none"
                           -device virtio-9p-pci,fsdev=out,mount_tag=out)
  local cpu=max
  [ "$accelerator" != kvm ] || cpu=host
  qemu-system-x86_64 -accel "$accelerator" -cpu "$cpu" -smp "$cpus" -m "$memory" \
    -kernel "$cache/vmlinux" -initrd "$run/initrd" -append "$kernel_arguments" \
    -nodefaults -no-reboot -display none -serial "file:$run/kernel.log" \
    -device virtio-serial -chardev stdio,id=out,signal=off -device virtconsole,chardev=out \
    "${share[@]}" </dev/null 9>&- &
  machine=$!
}

stop_machine() {
  [ -n "${machine:-}" ] || return 0
  kill -KILL "$machine" 2>/dev/null || true
  wait "$machine" 2>/dev/null || true
  machine=
}

wait_for_boot() {
  local until=$((SECONDS + boot_limit))
  while [ ! -e "$run/result/booted" ]; do
    kill -0 "$machine" 2>/dev/null || return 1
    [ $SECONDS -lt $until ] && [ $SECONDS -lt "$deadline" ] || return 1
    sleep 0.2
  done
}

time_is_up() {
  echo "camera-vm: no end after $limit s" >&2
  exit 124
}

wait_for_end() {
  while kill -0 "$machine" 2>/dev/null; do
    [ $SECONDS -lt "$deadline" ] || time_is_up
    sleep 0.2
  done
  wait "$machine" || true
  machine=
  if [ -e "$run/result/rc" ]; then exit "$(cat "$run/result/rc")"; fi
  tail -30 "$run/kernel.log" >&2
  fail 'the machine stopped before the command had ended (its kernel log is above)'
}
