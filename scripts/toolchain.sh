#!/bin/sh
# Runs a command with the project's toolchain: sh scripts/toolchain.sh COMMAND [ARGUMENT…]
#
# Promise: COMMAND sees Node 24 or newer, the pinned pnpm on its PATH and the dependencies that pnpm-lock.yaml names.
# What is missing is installed from the npm registry: programs into the cache folder, dependencies into node_modules.
# Assumes Node 18 or newer with npm. Talks on stderr only. Exit code 3 when the toolchain cannot be made.
set -eu

node_version=24.21.0
pnpm_version=12.21.0

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
# The same rules as packages/core/src/node/folders.ts.
case ${HOPLAB_HOME:-} in
  /*) cache=$HOPLAB_HOME/cache ;;
  ?*) cache=$PWD/$HOPLAB_HOME/cache ;;
  *) case ${XDG_CACHE_HOME:-} in
    /*) cache=$XDG_CACHE_HOME/hoplab ;;
    *) cache=${HOME:?}/.cache/hoplab ;;
  esac ;;
esac
lock=$cache/toolchain/lock

# stop CODE WHAT WHY FIX: the one message of a failure.
stop() {
  printf '%s: %s\n  why: %s\n  fix: %s\n' "$1" "$2" "$3" "$4" >&2
  exit 3
}

# Major version of the node on PATH; 0 when there is none.
node_major() {
  version=$(node --version 2>/dev/null) || version=v0
  version=${version#v}
  echo "${version%%.*}"
}

# A hard link appears whole or not at all, so nobody reads a half-written holder.
# A dead holder's lock is removed by the one process that links its grave first.
take_lock() {
  mkdir -p "$cache/toolchain"
  echo $$ >"$lock.$$"
  trap 'rm -f "$lock.$$"' EXIT
  told=
  until ln "$lock.$$" "$lock" 2>/dev/null; do
    holder=$(cat "$lock" 2>/dev/null) || continue
    if kill -0 "$holder" 2>/dev/null; then
      [ -n "$told" ] || echo "hoplab: process $holder is installing; waiting for it" >&2
      told=yes
      sleep 1
    elif ln "$lock" "$lock.of-$holder" 2>/dev/null; then
      if [ "$(cat "$lock.of-$holder")" = "$holder" ]; then rm -f "$lock"; fi
      rm -f "$lock.of-$holder"
    else sleep 1
    fi
  done
  trap 'rm -f "$lock" "$lock.$$"' EXIT
  trap 'exit 130' INT TERM HUP
}

drop_lock() {
  rm -f "$lock" "$lock.$$"
  trap - EXIT INT TERM HUP
}

# install_programs FOLDER PACKAGE…: into a folder beside it first, so that FOLDER is whole or absent.
install_programs() {
  folder=$1
  shift
  [ "$(node_major)" -ge 18 ] ||
    stop HOP_TOOLCHAIN_NODE 'Node.js 18 or newer is needed to start.' "The PATH has $(node --version 2>/dev/null || echo none)." \
      'Install Node.js with npm the way your system offers, then type the command again.'
  command -v npm >/dev/null ||
    stop HOP_TOOLCHAIN_NPM 'npm is needed to start.' 'It is not on the PATH.' 'Install npm, then type the command again.'
  echo "hoplab: installing $* (once, about 20 s)" >&2
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  npm install --prefix "$folder.new" --no-audit --no-fund --ignore-scripts=false --loglevel=error "$@" >&2 ||
    stop HOP_TOOLCHAIN_INSTALL "npm could not install $*." 'Its own words are above.' \
      'See that the npm registry can be reached, then type the command again.'
  rm -rf "$folder"
  mv "$folder.new" "$folder"
}

install_dependencies() {
  echo 'hoplab: installing dependencies (once per pnpm-lock.yaml)' >&2
  (cd "$root" && CI=true pnpm install --frozen-lockfile --reporter=append-only >&2) ||
    stop HOP_TOOLCHAIN_DEPENDENCIES 'pnpm could not install the dependencies.' 'Its own words are above.' \
      'See that the npm registry can be reached, then type the command again.'
  cp "$root/pnpm-lock.yaml" "$stamp"
}

if [ "$(node_major)" -ge 24 ]; then
  toolchain=$cache/toolchain/pnpm-$pnpm_version
  programs="pnpm@$pnpm_version"
else
  toolchain=$cache/toolchain/node-$node_version-pnpm-$pnpm_version
  programs="node@$node_version pnpm@$pnpm_version"
fi
stamp=$root/node_modules/.hoplab-lockfile

if ! [ -x "$toolchain/node_modules/.bin/pnpm" ] || ! cmp -s "$root/pnpm-lock.yaml" "$stamp"; then
  take_lock
  # shellcheck disable=SC2086 # a list of package names
  [ -x "$toolchain/node_modules/.bin/pnpm" ] || install_programs "$toolchain" $programs
  PATH=$toolchain/node_modules/.bin:$PATH
  cmp -s "$root/pnpm-lock.yaml" "$stamp" || install_dependencies
  drop_lock
else
  PATH=$toolchain/node_modules/.bin:$PATH
fi
# No tool of ours or of its makers reports anything to anybody.
export PATH TURBO_TELEMETRY_DISABLED=1 ASTRO_TELEMETRY_DISABLED=1
exec "$@"
