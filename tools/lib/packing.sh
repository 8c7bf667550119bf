# Packages out of a tree that was built: how they are made, and how they are tried.

# What runs a program that was packed: nothing, or an emulator with its options.
RUN=()

# pack BUILD FOLDER: into FOLDER, in place of those that are there.
pack() {
  local file
  local -a kinds=('katydid_*.deb' 'katydid-*.rpm' 'katydid-*-Linux-*.tar.gz')
  mkdir -p "$2"
  for file in "${kinds[@]}"; do rm -f "$1"/$file "$2"/$file; done
  (cd "$1" && cpack -G "DEB;RPM;TGZ" >cpack.log 2>&1) || {
    cat "$1/cpack.log" >&2
    die "cpack could not make the packages; the lines above say why"
  }
  for file in "${kinds[@]}"; do mv "$1"/$file "$2"; done
  ls -l "$2"/katydid_*.deb "$2"/katydid-*.rpm "$2"/katydid-*-Linux-*.tar.gz
}

# tried FOLDER: what stands in a folder like /usr runs a locustfile, with headers of its own.
tried() {
  local cache
  cache=$(mktemp -d)
  "${RUN[@]}" "$1/bin/katydid" -f examples/hello.cpp --list --cache-dir "$cache" || die "$1/bin/katydid does not run a locustfile"
  rm -r "$cache"
  "${RUN[@]}" "$1/bin/katydid" --version
  cmp "$1/share/katydid/goals.py" deploy/goals.py || die "$1 has no goals.py, or another one"
  "${RUN[@]}" "$1/bin/katydid" --print-goals | cmp - deploy/goals.py || die "$1/bin/katydid prints another goals.py"
  for file in share/man/man1/katydid.1.gz share/bash-completion/completions/katydid share/zsh/vendor-completions/_katydid \
    share/fish/vendor_completions.d/katydid.fish lib/systemd/system/katydid.service share/doc/katydid/copyright; do
    [ -s "$1/$file" ] || die "$1/$file is missing"
  done
}

# check_packages BUILD FOLDER: unpacks those in FOLDER into BUILD/unpacked, and asks the tools of the distributions.
check_packages() {
  local unpacked=$1/unpacked folder
  rm -rf "$unpacked"
  mkdir -p "$unpacked/tgz" "$unpacked/rpm"
  dpkg-deb -x "$2"/katydid_*.deb "$unpacked/deb"
  tried "$unpacked/deb/usr"
  tar -xzf "$2"/katydid-*-Linux-*.tar.gz -C "$unpacked/tgz"
  tried "$(dirname "$(dirname "$(find "$PWD/$unpacked/tgz" -path '*/bin/katydid')")")"
  rpm2cpio "$2"/katydid-*.rpm | (cd "$unpacked/rpm" && cpio --quiet --extract --make-directories)
  tried "$unpacked/rpm/usr"
  dpkg-deb --field "$2"/katydid_*.deb Depends | grep -q libzmq || die "the package for Debian does not name its libraries"
  # What rpm says of it: which libraries it needs, by themselves, and that each file is as it was packed.
  rpm --query --package --requires "$2"/katydid-*.rpm | grep -q '^libzmq\.so' || die "the rpm does not name its libraries"
  rpm --checksig --nosignature "$2"/katydid-*.rpm >/dev/null || die "rpm finds the package damaged"
  for folder in /usr/bin /usr/lib/systemd/system /usr/share/man/man1; do
    ! rpm --query --list --package "$2"/katydid-*.rpm | grep -qx $folder || die "the rpm owns $folder, which is not its own"
  done
  if have rpmlint; then
    rpmlint "$2"/katydid-*.rpm || die "rpmlint has found mistakes"
  fi
  if have lintian; then
    lintian --allow-root --fail-on error,warning "$2"/katydid_*.deb || die "lintian has found mistakes"
    say "lintian: no errors, no warnings"
  fi
  # What was packed has no path of this machine in it: it would look for headers there.
  ! grep -qF "$ROOT" "$unpacked/deb/usr/bin/katydid" || die "the program has the path of its sources in it"
}
