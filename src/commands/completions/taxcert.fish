# fish: commands, their options and first words as the program's own help has them
# The words after the program and a language in front of the command.
function __taxcert_words
    set -l words (commandline -opc)[2..]
    while string match -q -- '--lang?*' "$words[1]"; or test "$words[1]" = --lang -a (count $words) -gt 1
        if test "$words[1]" = --lang
            set -e words[1]
        end
        set -e words[1]
    end
    string join \n -- $words
end
function __taxcert_help
    TAXCERT_LANG=en taxcert $argv[2..] --help 2>/dev/null | sed -n $argv[1]
end
function __taxcert_commands
    __taxcert_help 's/^  taxcert \([a-z]*\) .*/\1/p'
    printf '%s\n' help --help --version --verbose --lang
end
function __taxcert_options
    __taxcert_help 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' (__taxcert_words)[1]
    echo -- --help
end
complete -c taxcert -n 'test (count (__taxcert_words)) -eq 0' -f -a '(__taxcert_commands)'
complete -c taxcert -n 'test (count (__taxcert_words)) -gt 0; and string match -q -- "-*" (commandline -ct)' -f -a '(__taxcert_options)'
complete -c taxcert -n 'test (count (__taxcert_words)) -eq 1' -a '(__taxcert_help "s/^  \([a-z]\{1,\}\)  .*/\1/p" (__taxcert_words)[1])'
