# Sourced by camera-vm. The machine's first file system: busybox, the kernel modules in the order to
# load them, init.sh and its settings, the command. $run/initrd

make_ramdisk() {
  local ramdisk=$run/ramdisk
  mkdir -p "$ramdisk"/{bin,proc,sys,dev,host,rw,root,result,modules}
  cp "$(command -v busybox)" "$ramdisk/bin/busybox"
  cp "$here/init.sh" "$ramdisk/init"
  chmod +x "$ramdisk/init"
  cp "$run/command" "$ramdisk/command"
  printf 'vivid_args=%q\nloopback_args=%q\nout=%q\n' "$vivid_args" "$loopback_args" "$out" >"$ramdisk/settings"
  copy_modules "$ramdisk/modules"
  (cd "$ramdisk" && find . | cpio -o -H newc --quiet) >"$run/initrd"
  rm -rf "$ramdisk"
}

copy_modules() {
  local wanted='virtio_pci 9pnet_virtio 9p overlay virtio_console' module
  case ",$drivers," in *,vivid,*) wanted+=' vivid' ;; esac
  case ",$drivers," in *,loopback,*) wanted+=' videodev' ;; esac
  # shellcheck disable=SC2086
  /sbin/modprobe -d "$cache/root" -S "$(kernel_version)" -a --show-depends $wanted 2>/dev/null |
    awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$run/modules"
  [ -s "$run/modules" ] || fail "the kernel's modules could not be listed"
  while read -r module; do
    cp "$module" "$1/"
    basename "$module" .ko >>"$1/order"
  done <"$run/modules"
  case ",$drivers," in *,loopback,*)
    cp "$cache/v4l2loopback.ko" "$1/"
    echo v4l2loopback >>"$1/order" ;;
  esac
}

# The script that runs inside: where we are, what of the environment goes along, the command.
write_command() {
  local line
  printf 'cd %q\n' "$PWD"
  printf 'export HOME=%q PATH=%q CAMERA_VM=1' "$HOME" "$PATH"
  env | grep -E '^(CAMSTREAM_|NODE_|TAP_|CI=|LANG=)' | while IFS= read -r line; do printf ' %q' "$line"; done
  [ ${#variables[@]} -eq 0 ] || printf ' %q' "${variables[@]}"
  printf '\nexec'
  printf ' %q' "$@"
  printf '\n'
}
