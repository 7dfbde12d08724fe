# bash: commands and options as the program's own help has them
_taxcert() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "$(TAXCERT_LANG=en "${COMP_WORDS[0]}" --help | sed -n 's/^  taxcert \([a-z]*\) .*/\1/p') --help --version --verbose --lang" -- "$word"))
    elif [ "${word#-}" != "$word" ]; then
        COMPREPLY=($(compgen -W "$(TAXCERT_LANG=en "${COMP_WORDS[0]}" "$command" --help | sed -n 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p') --help" -- "$word"))
    fi
}
complete -o default -F _taxcert taxcert
