# Podman for tools/fleet: storage, settings and networks of its own, and the base image where no registry can be reached.
FLEET_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/katydid-fleet
FLEET_RUN=/run/katydid-fleet
PODMAN_PACKAGES=(podman podman-compose runc netavark aardvark-dns iptables iproute2 debootstrap python3)
BASE_IMAGE=debian:bookworm-slim

# What /run holds of containers is the fleet's alone, and gone with this mount namespace.
hide_other_containers() {
  local folder
  for folder in $FLEET_RUN /run/containers /run/netns /run/runc; do
    mkdir -p "$folder"
    mount -t tmpfs tmpfs "$folder"
  done
}

# Limits are this shell's: podman's own may be higher than it is allowed to set.
configure_podman() {
  local files processes
  files=$(limit_of -n) processes=$(limit_of -u)
  cat >"$FLEET_CACHE/containers.conf" <<END
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$FLEET_RUN/libpod"
[containers]
default_ulimits = ["nofile=$files:$files", "nproc=$processes:$processes"]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
network_config_dir = "$FLEET_CACHE/networks"
END
  cat >"$FLEET_CACHE/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$FLEET_CACHE/storage"
runroot = "$FLEET_RUN/storage"
END
  export CONTAINERS_CONF=$FLEET_CACHE/containers.conf CONTAINERS_STORAGE_CONF=$FLEET_CACHE/storage.conf
}

limit_of() {
  local limit
  limit=$(ulimit -H "$1")
  if [ "$limit" = unlimited ] || [ "$limit" -gt 1048576 ]; then limit=1048576; fi
  say "$limit"
}

# One line each, "URI suite component", whatever format the sources are written in.
debian_sources() {
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    sed -nE 's/^Debian (\S+ bookworm(-updates|-security)? main)$/\1/p' | sort -u
}

# From the registry; or else, made once of Debian's packages from the mirror that this machine's apt uses.
make_base_image() {
  local sources stamp rootfs=$FLEET_CACHE/rootfs
  podman image exists "docker.io/library/$BASE_IMAGE" && return
  sources=$(debian_sources)
  stamp=$({ say "$sources" && declare -f base_packages slim_down; } | sha256sum | cut -d' ' -f1)
  [ "$(podman image inspect --format '{{index .Labels "katydid.stamp"}}' "localhost/$BASE_IMAGE" 2>/dev/null)" = "$stamp" ] &&
    return
  if ! podman image exists "localhost/$BASE_IMAGE" &&
    timeout 120 podman pull --quiet "docker.io/library/$BASE_IMAGE" >"$LOGS/pull.log" 2>&1; then
    return
  fi
  [ -n "$sources" ] || die "$BASE_IMAGE can't be pulled (see $LOGS/pull.log), and this machine's apt knows no mirror of Debian bookworm"
  say "no registry here: making $BASE_IMAGE from Debian's packages"
  rm -rf --one-file-system "$rootfs"
  nice debootstrap --variant=minbase --include="$(base_packages "$sources")" bookworm "$rootfs" \
    "$(sed -nE '0,/ bookworm main$/s///p' <<<"$sources")" >"$LOGS/debootstrap.log" 2>&1 ||
    die "debootstrap failed; see $LOGS/debootstrap.log"
  slim_down "$rootfs"
  sed 's/^/deb /' <<<"$sources" >"$rootfs/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https|ftp)(::.*)?::Proxy ' >"$rootfs/etc/apt/apt.conf.d/90machine" || true
  tar -C "$rootfs" -c . | podman import --quiet --change "LABEL katydid.stamp=$stamp" --change 'CMD ["bash"]' - "$BASE_IMAGE" >/dev/null
  rm -rf --one-file-system "$rootfs"
}

# The official image has no certificates; a mirror that is spoken to by https needs them.
base_packages() { if grep -q '^https:' <<<"$1"; then say ca-certificates; else say apt; fi; }

# As the official image is made: no manuals and translations, and apt keeps no packages.
slim_down() {
  cat >"$1/etc/dpkg/dpkg.cfg.d/slim" <<END
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
END
  cat >"$1/etc/apt/apt.conf.d/slim" <<'END'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Acquire::Languages "none";
END
  find "$1/usr/share/doc" -type f ! -name copyright -delete
  rm -rf "$1"/usr/share/{info,lintian,locale,man}/* "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin \
    "$1"/var/cache/apt/archives/*.deb "$1"/var/log/*.log
  if [ -d "$1/usr/local/share/ca-certificates" ] && [ -x "$1/usr/sbin/update-ca-certificates" ]; then
    cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true
    chroot "$1" update-ca-certificates >/dev/null
  fi
}

pip_settings() {
  local python
  for python in "$(locust_environment "$(newest_locust)")/bin/python" python3; do
    "$python" -m pip config list 2>/dev/null && return
  done
  true
}

# Sets PIP_MOUNTS: how this machine's pip reaches its index, for a build.
read_pip_settings() {
  local file=$FLEET_CACHE/pip.conf path
  {
    say '[global]'
    # "global.cert='/x'" and ":env:.cert='/x'"; the environment wins.
    pip_settings | awk -F= '
      { name = $1; sub(/^.*\./, "", name); value = substr($0, length($1) + 2); gsub(/^.|.$/, "", value) }
      name !~ /^(cert|client-cert|extra-index-url|find-links|index-url|no-index|proxy|timeout|trusted-host|default-timeout)$/ { next }
      name == "default-timeout" { name = "timeout" }
      !(name in settings) || /^:env:/ { settings[name] = value }
      END { for (name in settings) print name " = " settings[name] }'
  } >"$file"
  PIP_MOUNTS=(--volume "$file:/etc/pip.conf:ro")
  # At another place than here: packages that are installed by the same build own some of these paths.
  for path in $(sed -nE 's/^(cert|client-cert|find-links) = (\/.*)$/\2/p' "$file"); do
    [ -e "$path" ] || continue
    PIP_MOUNTS+=(--volume "$path:/run/pip$path:ro")
    sed -i "s| = $path\$| = /run/pip$path|" "$file"
  done
}
