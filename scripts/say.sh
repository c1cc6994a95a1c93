# Messages of the set-up scripts: zh, or en where GEO_LOCALE or the system's locale says so. Sourced, not run.
# shellcheck shell=bash

case "${GEO_LOCALE:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
  en*) say_zh='' ;;
  *) say_zh=1 ;;
esac

# say ZH EN: one line, in one language.
say() { if [ -n "$say_zh" ]; then printf '%s\n' "$1"; else printf '%s\n' "$2"; fi; }

# refuse ZH EN: why it stops here, in both languages, since this is what gets passed on to somebody else.
refuse() {
  printf '\n✗ %s\n✗ %s\n' "$1" "$2" >&2
  exit 1
}

# seconds_since START: whole and tenths, from bash's microsecond clock.
seconds_since() {
  local now=${EPOCHREALTIME/[.,]/} start=${1/[.,]/}
  local tenths=$(((now - start) / 100000))
  printf '%d.%d s' $((tenths / 10)) $((tenths % 10))
}
