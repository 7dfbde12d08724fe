# fish: commands and options as the program's own help has them
function __taxcert_commands
    TAXCERT_LANG=en taxcert --help | sed -n 's/^  taxcert \([a-z]*\) .*/\1/p'
    printf '%s\n' --help --version --verbose --lang
end
function __taxcert_options
    set -l words (commandline -opc)
    TAXCERT_LANG=en taxcert $words[2] --help | sed -n 's/^ \{2,6\}\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p'
    echo -- --help
end
complete -c taxcert -n 'test (count (commandline -opc)) -eq 1' -f -a '(__taxcert_commands)'
complete -c taxcert -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__taxcert_options)'
