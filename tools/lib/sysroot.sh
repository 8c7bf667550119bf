# A sysroot: the libraries and headers of Linux on aarch64, out of packages of this machine's distribution. Only files:
# nothing in it was configured, and the packages of this machine stay as they are.
CROSS=$ROOT/build/aarch64
SYSROOT=$CROSS/sysroot
SYSROOT_LIBRARIES=$SYSROOT/usr/lib/aarch64-linux-gnu

# list_packages: sets APT to options for lists of our own, from the mirrors that this machine has.
list_packages() {
  mkdir -p "$CROSS"/apt/{state,lists/partial,cache/archives/partial}
  : >"$CROSS/apt/status" # nothing is installed
  APT=(-qq -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Install-Recommends=false
    -o "Dir::State=$CROSS/apt/state" -o "Dir::State::Lists=$CROSS/apt/lists" -o "Dir::State::Status=$CROSS/apt/status"
    -o "Dir::Cache=$CROSS/apt/cache" -o APT::Sandbox::User=root)
  apt-get "${APT[@]}" update || die "apt-get update for arm64 failed; the lines above say why"
}

# libraries_of_build: of what a build needs, what the other machine has to have.
libraries_of_build() {
  local entry
  for entry in "${BUILD_PACKAGES[@]}"; do
    case "$entry" in
      python3-dev) ;;
      *-dev*) pick_package "$entry" || return ;;
    esac
  done
}

# note_package FILE: in the sysroot's database, for dpkg-query --admindir. Files are named as they are found from here, so
# that dpkg-shlibdeps knows whose library it has found.
note_package() {
  local database=$SYSROOT/var/lib/dpkg control name file
  control=$(mktemp -d)
  dpkg-deb -e "$1" "$control"
  name=$(dpkg-deb -f "$1" Package)
  [ "$(dpkg-deb -f "$1" Multi-Arch)" != same ] || name+=:arm64
  for file in symbols shlibs; do
    [ ! -f "$control/$file" ] || cp "$control/$file" "$database/info/$name.$file"
  done
  dpkg-deb --fsys-tarfile "$1" | tar -t | sed -E "s|^\.?/|$SYSROOT/|; s|/$||" >"$database/info/$name.list"
  sed '1a Status: install ok installed' "$control/control" >>"$database/status"
  echo >>"$database/status"
  rm -r "$control"
}

# make_sysroot PACKAGE...: with all that they need. Left alone when it was made of the same packages.
make_sysroot() {
  local file folder link stamp
  local -a files
  list_packages
  # "Inst libc6 (2.36-9 Debian:12.9/stable [arm64])" comes as libc6_2.36-9_arm64.deb.
  mapfile -t files < <(apt-get "${APT[@]}" --simulate install "$@" |
    sed -nE '/^Inst/{s/^Inst (\S+) \((\S+) .*\[(\S+)\]\).*/\1_\2_\3.deb/; s/:/%3a/; p}')
  [ ${#files[@]} -gt 0 ] || die "this distribution has not all of these for arm64: $*"
  stamp=$(printf '%s\n' "$ROOT" "${files[@]}" | cat - tools/lib/sysroot.sh | sha256sum)
  if [ "$(cat "$CROSS/sysroot.stamp" 2>/dev/null)" = "$stamp" ]; then
    say "the sysroot is up to date"
    return
  fi
  apt-get "${APT[@]}" --yes --download-only install "$@" >/dev/null || die "packages for arm64 could not be had; the lines above say why"
  rm -rf "$SYSROOT"
  mkdir -p "$SYSROOT"/usr/{bin,sbin,lib} "$SYSROOT/var/lib/dpkg/info"
  for folder in bin sbin lib; do ln -s usr/$folder "$SYSROOT/$folder"; done
  say arm64 >"$SYSROOT/var/lib/dpkg/arch"
  say 1 >"$SYSROOT/var/lib/dpkg/info/format" # names have their architecture
  for file in "${files[@]}"; do
    file=$CROSS/apt/cache/archives/$file
    dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink --no-same-owner -C "$SYSROOT"
    note_package "$file"
  done
  # Links that begin at the root would lead to this machine's files.
  find "$SYSROOT" -type l -lname '/*' -print0 | while IFS= read -rd '' link; do
    ln -sfn "$(realpath -ms --relative-to="${link%/*}" "$SYSROOT$(readlink "$link")")" "$link"
  done
  say "$stamp" >"$CROSS/sysroot.stamp"
  say "the sysroot has ${#files[@]} packages, $(du -sh "$SYSROOT" | cut -f1)"
}
