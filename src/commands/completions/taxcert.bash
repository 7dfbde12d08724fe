# bash: commands, their options and first words as the program's own help has them
_taxcert_help() {
    TAXCERT_LANG=en "${COMP_WORDS[0]}" $2 --help 2>/dev/null | sed -n "$1"
}
_taxcert() {
    local word=${COMP_WORDS[COMP_CWORD]} at=1 known=
    # A language may stand before the command; bash takes --lang=de for three words.
    while [ "$at" -lt "$COMP_CWORD" ] && [ "${COMP_WORDS[at]}" = --lang ]; do
        [ "${COMP_WORDS[at + 1]}" = = ] && at=$((at + 1))
        at=$((at + 2))
    done
    if [ "$COMP_CWORD" = "$at" ]; then
        known="$(_taxcert_help 's/^  taxcert \([a-z]*\) .*/\1/p') help --help --version --verbose --lang"
    elif [ "$COMP_CWORD" -gt "$at" ] && [ "${word#-}" != "$word" ]; then
        known="$(_taxcert_help 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' "${COMP_WORDS[at]}") --help"
    elif [ "$COMP_CWORD" = $((at + 1)) ]; then
        known=$(_taxcert_help 's/^  \([a-z]\{1,\}\)  .*/\1/p' "${COMP_WORDS[at]}")
    fi
    COMPREPLY=($(compgen -W "$known" -- "$word"))
}
complete -o default -F _taxcert taxcert
