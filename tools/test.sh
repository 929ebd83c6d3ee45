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
  [ "$excluded" != bench ] || fetch_containerd2
  before=$(remains)
  say "testing Seine (Maven's whole log: $state/test.log)"
  run_maven "$state/test.log" "$test_filter" package -Dtest.excludedGroups="$excluded" -Dmaven.test.failure.ignore=true "$@" || rc=1
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

# The runtime tests run with the installed containerd, and with a containerd 2 as well, which is the first to ask plugins for STATUS.
# Where the installed one is older, Debian's next is downloaded by apt into .seine/ and unpacked there; the system is not touched.
fetch_containerd2() {
  local dir=$state/containerd2 mirror
  case $(containerd --version) in *" 1."*) ;; *) return 0 ;; esac
  if [ ! -x "$dir/usr/bin/containerd" ]; then
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)
    say "downloading a containerd 2 for the tests"
    if [ -z "$mirror" ] || ! download_containerd2 "$dir" "$mirror" >"$state/containerd2.log" 2>&1; then
      say "  not to be had (see $state/containerd2.log): the tests run with $(containerd --version | cut -d ' ' -f 1-3) only"
      return 0
    fi
  fi
  export SEINE_TEST_CONTAINERD=$dir
}

download_containerd2() ( # DIR MIRROR: in a subshell, for its own environment; the program that runs in the end is the proof
  local dir=$1 apt=$1.apt
  rm -rf "$dir" "$dir.partial" "$apt"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/preferences.d"
  chmod 755 "$apt" "$apt/cache"
  : >"$apt/status"
  echo "deb $2 sid main" >"$apt/sources.list"
  printf '%s\n' "Dir::State \"$apt\";" "Dir::State::lists \"$apt/lists\";" "Dir::State::status \"$apt/status\";" \
    "Dir::Cache \"$apt/cache\";" "Dir::Etc::sourcelist \"$apt/sources.list\";" 'Dir::Etc::sourceparts "-";' \
    'Dir::Etc::preferencesparts "-";' 'Acquire::Languages "none";' 'APT::Sandbox::User "root";' >"$apt/apt.conf"
  export APT_CONFIG=$apt/apt.conf
  apt-get -q update
  (cd "$apt" && apt-get -q download containerd containernetworking-plugins)
  for package in "$apt"/*.deb; do dpkg -x "$package" "$dir.partial"; done
  "$dir.partial/usr/bin/containerd" --version && mv "$dir.partial" "$dir" && rm -rf "$apt"
)

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
