#compdef taxcert
# zsh: commands, their options and first words as the program's own help has them
_taxcert_help() { TAXCERT_LANG=en $words[1] ${@[2,-1]} --help 2>/dev/null | sed -n $1 }
_taxcert() {
    local -a known
    local at=2
    while (( at < CURRENT )) && [[ $words[at] == --lang* ]]; do # a language may stand before the command
        [[ $words[at] == --lang ]] && (( at++ ))
        (( at++ ))
    done
    if (( CURRENT == at )); then
        known=(${(f)"$(_taxcert_help 's/^  taxcert \([a-z]*\) .*/\1/p')"} help --help --version --verbose --lang)
    elif (( CURRENT > at )) && [[ $words[CURRENT] == -* ]]; then
        known=(${(f)"$(_taxcert_help 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' $words[at])"} --help)
    elif (( CURRENT == at + 1 )); then
        known=(${(f)"$(_taxcert_help 's/^  \([a-z]\{1,\}\)  .*/\1/p' $words[at])"})
    fi
    if (( $#known )); then
        compadd -a known
    else
        _files
    fi
}
_taxcert "$@"
