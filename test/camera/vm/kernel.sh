# Sourced by camera-vm. The tools and the kernel, once a machine, in $cache.
#   $cache/root      Debian's kernel package, unpacked        $cache/vmlinux  its kernel, uncompressed

# Runs a command as root, with sudo if need be.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else fail "this needs root or sudo; run as root: $*"
  fi
}

ensure_tools() {
  local need=()
  command -v qemu-system-x86_64 >/dev/null || need+=(qemu-system-x86)
  command -v busybox >/dev/null || need+=(busybox-static)
  PATH=$PATH:/usr/sbin:/sbin command -v modprobe >/dev/null || need+=(kmod)
  command -v cpio >/dev/null || need+=(cpio)
  command -v xz >/dev/null || need+=(xz-utils)
  [ ${#need[@]} -gt 0 ] || return 0
  fail "missing Debian packages, install them: apt-get install -y --no-install-recommends ${need[*]}"
}

ensure_kernel() {
  if [ ! -e "$cache/root/lib/modules" ]; then
    echo 'camera-vm: downloading a Debian kernel (once)' >&2
    download_kernel
  fi
  [ -e "$cache/vmlinux" ] || uncompress_kernel
}

download_kernel() {
  local package
  package=$(kernel_package)
  if [ -z "$package" ]; then
    as_root apt-get update -qq >&2 || fail 'apt-get update failed'
    package=$(kernel_package)
  fi
  [ -n "$package" ] || fail 'apt knows no linux-image-amd64: is this Debian?'
  rm -rf "$cache/tmp"
  mkdir -p "$cache/tmp"
  download "$package-unsigned" || download "$package" ||
    { as_root apt-get update -qq >&2 && { download "$package-unsigned" || download "$package"; }; } ||
    fail "the kernel package $package could not be downloaded"
  dpkg -x "$cache"/tmp/*.deb "$cache/tmp/root" || fail "$package could not be unpacked"
  /sbin/depmod -b "$cache/tmp/root" "$(ls "$cache/tmp/root/lib/modules")"
  rm -rf "$cache/root" "$cache/vmlinux"
  mv "$cache/tmp/root" "$cache/root"
  rm -rf "$cache/tmp"
}

kernel_package() {
  apt-cache depends linux-image-amd64 2>/dev/null |
    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1
}

download() {
  (cd "$cache/tmp" && apt-get download -qq "$1" 2>/dev/null && ls ./*.deb >/dev/null)
}

# The compressed kernel spends ten emulated seconds on unpacking itself. Its payload is one xz stream.
uncompress_kernel() {
  local image offset
  image=$(ls "$cache"/root/boot/vmlinuz-*)
  offset=$(LC_ALL=C grep -abo $'\xfd7zXZ' "$image" | head -1 | cut -d: -f1)
  [ -n "$offset" ] || fail "$image holds no xz stream: its compression is another one"
  # What follows the stream makes xz complain at its end; the test below is the judge.
  tail -c "+$((offset + 1))" "$image" | xz -dc >"$cache/vmlinux.new" 2>/dev/null || true
  [ "$(head -c 4 "$cache/vmlinux.new" | tail -c 3)" = ELF ] || fail "$image did not uncompress to an ELF kernel"
  mv "$cache/vmlinux.new" "$cache/vmlinux"
}

kernel_version() { ls "$cache/root/lib/modules"; }

# v4l2loopback, compiled for that kernel.
ensure_loopback_module() {
  [ ! -e "$cache/v4l2loopback.ko" ] || return 0
  local headers
  headers=linux-headers-$(kernel_version)
  [ -e "/usr/src/$headers" ] || {
    as_root apt-get update -qq >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "$headers" gcc make >&2 || fail "$headers could not be installed"
  }
  rm -rf "$cache/tmp"
  mkdir -p "$cache/tmp"
  (cd "$cache/tmp" && apt-get download -qq v4l2loopback-dkms && dpkg -x ./*.deb . &&
    make -s -C "/usr/src/$headers" M="$(echo "$PWD"/usr/src/v4l2loopback-*)" modules) >&2 ||
    fail 'v4l2loopback did not build'
  mv "$cache"/tmp/usr/src/v4l2loopback-*/v4l2loopback.ko "$cache/v4l2loopback.ko"
  rm -rf "$cache/tmp"
}
