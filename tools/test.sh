# shellcheck shell=bash
# The test suite, for ./seine test (sourced: root, state, say, die and run_maven are its own).

# Maven's log as progress: a line per module, a line per test class, the failures with their first line.
readonly test_filter='
  /^\[INFO\] Building / && !/jar:/ && !/from / { sub(/ [0-9].*/, ""); sub(/.*Building /, ""); print "== " $0; fflush() }
  /^\[[A-Z]+\] Tests run: .* in / {
    n = $0; sub(/.*Tests run: /, "", n); sub(/,.*/, "", n)
    t = $0; sub(/.*Time elapsed: /, "", t); sub(/ s .*/, "", t)
    name = $0; sub(/.* in /, "", name)
    printf "  %-6s %s (%s tests, %s s)\n", (/<<< /) ? "FAILED" : "ok", name, n, t; fflush()
  }
  /^\[ERROR\] .* Time elapsed: .* <<< / && !/Tests run:/ { print "    " $2; want = 1; fflush(); next }
  want { print "      " $0; want = 0; fflush() }'

run_tests() { # [unit] ARG...: exit 0 only when every test passed and nothing was left behind
  local excluded=bench started=$SECONDS before after left rc=0
  if [ "${1:-}" = unit ]; then
    shift
    excluded=bench,system
  elif [ "$(id -u)" != 0 ]; then
    die "the system tests make network namespaces and need root; without it:  ./seine test unit"
  fi
  SEINE_TEST_RUN=$(printf '%s-%s' "$$" "$(date +%s)")
  export SEINE_TEST_RUN
  find "$root" -path '*/target/surefire-reports/TEST-*.xml' -delete
  mkdir -p "$state"
  exec 8>"$state/lock"
  flock -n 8 || { say "waiting for another build in this directory ..."; flock 8; }
  if [ "$excluded" = bench ]; then
    fetch_containerd2
    fetch_next_ovs
  fi
  before=$(remains)
  say "testing Seine (Maven's whole log: $state/test.log)"
  # Modules that need nothing of each other (cni-plugin, openflow-pipeline) are built and tested at once.
  run_maven "$state/test.log" "$test_filter" -T 2 package -Dtest.excludedGroups="$excluded" -Dmaven.test.failure.ignore=true "$@" || rc=1
  if [ "$rc" != 0 ]; then
    say "the build failed:"
    grep -E '^\[ERROR\]' "$state/test.log" | head -n 40 >&2
  fi
  after=$(remains)
  left=$({ comm -13 <(printf '%s\n' "$before") <(printf '%s\n' "$after"); own_processes; } | sed '/^$/d')
  if [ -n "$left" ]; then
    rc=1
    say "left behind by the tests:"
    printf '%s\n' "$left" | sed 's/^/  /' >&2
  fi
  summary $((SECONDS - started)) || rc=1
  return $rc
}

# The runtime tests run with the installed containerd, and with a containerd 2 as well, which is the first to ask plugins for STATUS;
# some tests of the switch run with the installed Open vSwitch, and with one that rewrites the ports of SCTP in user space (3.5) as well.
# Where the installed one is older, Debian's next is downloaded by apt into .seine/ and unpacked there; the system is not touched.
fetch_containerd2() {
  case $(containerd --version) in *" 1."*) ;; *) return 0 ;; esac
  fetch_debian containerd2 "a containerd 2" "$(containerd --version | cut -d ' ' -f 1-3)" || return 0
  export SEINE_TEST_CONTAINERD=$state/containerd2
}

fetch_next_ovs() {
  local installed
  installed=$(ovs-vswitchd --version | head -n 1)
  case $installed in *" "[12].* | *" 3."[0-4].*) ;; *) return 0 ;; esac
  fetch_debian next_ovs "a newer Open vSwitch" "$installed" || return 0
  export SEINE_TEST_OVS=$state/next_ovs
}

# NAME WHAT INSTALLED: .seine/NAME is there, or unpack_NAME fills it, once, and its last command is the proof that it runs
fetch_debian() {
  local dir=$state/$1 mirror
  [ ! -d "$dir" ] || return 0
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)
  say "downloading $2 for the tests"
  if [ -n "$mirror" ] && (rm -rf "$dir.partial" "$dir.apt" && "unpack_$1" "$dir.partial" "$dir.apt" "$mirror") >"$dir.log" 2>&1; then
    mv "$dir.partial" "$dir" && rm -rf "$dir.apt" && return 0
  fi
  say "  not to be had (see $dir.log): the tests run with $3 only"
  return 1
}

unpack_containerd2() { # DIR APT MIRROR
  apt_of "$2" "$3" sid
  (cd "$2" && apt-get -q download containerd containernetworking-plugins)
  unpack "$1" "$2"
  "$1/usr/bin/containerd" --version
}

# It needs a newer libc than the system's and brings that along; in bin/ are the programs that tests start, each by its own loader.
unpack_next_ovs() { # DIR APT MIRROR
  local program
  apt_of "$2" "$3" trixie
  (cd "$2" && apt-get -q --yes --no-install-recommends --download-only install openvswitch-common && apt-get -q download openvswitch-switch)
  unpack "$1" "$2"
  mkdir -p "$1/bin"
  for program in usr/lib/openvswitch-switch/ovs-vswitchd usr/sbin/ovsdb-server usr/bin/ovsdb-tool usr/bin/ovs-vsctl usr/bin/ovs-ofctl usr/bin/ovs-appctl; do
    printf '%s\n' '#!/bin/sh' 'root=${0%/*}/..' 'for loader in "$root"/usr/lib/*/ld-linux*.so.*; do' \
      "  exec \"\$loader\" --library-path \"\${loader%/*}\" \"\$root/$program\" \"\$@\"" 'done' >"$1/bin/${program##*/}"
    chmod 755 "$1/bin/${program##*/}"
  done
  "$1/bin/ovs-vswitchd" --version
}

apt_of() { # APT MIRROR SUITE: from here on apt-get knows this suite only, and nothing that is installed
  mkdir -p "$1/lists/partial" "$1/cache/archives/partial" "$1/preferences.d"
  chmod 755 "$1" "$1/cache"
  : >"$1/status"
  echo "deb $2 $3 main" >"$1/sources.list"
  printf '%s\n' "Dir::State \"$1\";" "Dir::State::lists \"$1/lists\";" "Dir::State::status \"$1/status\";" \
    "Dir::Cache \"$1/cache\";" "Dir::Etc::sourcelist \"$1/sources.list\";" 'Dir::Etc::sourceparts "-";' \
    'Dir::Etc::preferencesparts "-";' 'Acquire::Languages "none";' 'APT::Sandbox::User "root";' >"$1/apt.conf"
  export APT_CONFIG=$1/apt.conf
  apt-get -q update
}

unpack() { # DIR APT
  find "$2" -name '*.deb' -exec dpkg -x {} "$1" \;
}

summary() { # SECONDS: the last line, from the reports; fails when a test did, or none ran
  find "$root" -path '*/target/surefire-reports/TEST-*.xml' -exec grep -h -m 1 -E '^<testsuite ' {} + 2>/dev/null | awk -v seconds="$1" '
    function attribute(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
    { tests += attribute("tests"); failed += attribute("failures") + attribute("errors"); skipped += attribute("skipped") }
    END {
      printf "%d passed, %d failed, %d skipped (%d min %02d s)\n", tests - failed - skipped, failed, skipped, seconds / 60, seconds % 60
      exit failed > 0 || tests == 0
    }'
}

remains() { # what a test could leave on the machine, sorted: namespaces, links, mounts of network namespaces
  {
    ls /run/netns 2>/dev/null | sed 's/^/namespace /'
    ls /sys/class/net 2>/dev/null | sed 's/^/link /'
    awk '$5 ~ "^/(run|var/run|tmp)/.*(netns|seine|containerd)" { print "mount " $5 }' /proc/self/mountinfo
  } | sort -u
}

own_processes() { # processes that carry this run's mark and are not this script's own
  local pid
  { grep -lszxF "SEINE_TEST_RUN=$SEINE_TEST_RUN" /proc/[0-9]*/environ || true; } | while IFS=/ read -r _ _ pid _; do
    is_descendant "$pid" || printf 'process %s: %s\n' "$pid" "$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | cut -c 1-160)"
  done
}

is_descendant() { # PID: of this shell? (the pipeline that asks is made of such)
  local pid=$1
  while [ "${pid:-0}" -gt 1 ]; do
    [ "$pid" != "$$" ] || return 0
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done
  return 1
}
