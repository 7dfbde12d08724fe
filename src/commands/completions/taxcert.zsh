#compdef taxcert
# zsh: commands and options as the program's own help has them
_taxcert() {
    local -a known
    if (( CURRENT == 2 )); then
        known=(${(f)"$(TAXCERT_LANG=en $words[1] --help | sed -n 's/^  taxcert \([a-z]*\) .*/\1/p')"} --help --version --verbose --lang)
        compadd -a known
    elif [[ $words[CURRENT] == -* ]]; then
        known=(${(f)"$(TAXCERT_LANG=en $words[1] $words[2] --help | sed -n 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p')"} --help)
        compadd -a known
    else
        _files
    fi
}
_taxcert "$@"
