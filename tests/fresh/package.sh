#!/bin/sh
# The Debian package on a fresh Debian 12 (or RELEASE): built here by cpack, looked at by lintian, installed there with what it depends on, used
# by an account that is not root, with encrypted copies and a message to a server on the loopback, a client in C and one in C++ built against it, removed
# without a rest. Needs lintian besides.
# usage: sh tests/fresh/package.sh [RELEASE=bookworm]
set -eu
release=${1:-bookworm}
tree=$(cd "$(dirname "$0")/../.." && pwd)
. "$tree/tests/fresh/root.sh"
cd "$tree"
sh cmake/package.sh > /dev/null
package=$(ls -t "$tree"/build/package/taxcert_*.deb | head -1)
lintian --fail-on error --allow-root "$package" || exit 1
make_root "$release"
mkdir "$root/work"
cp "$package" "$root/work/taxcert.deb"
cp -r samples/bank "$root/work/bank"
sed -i '0,/"delivery": "print"/s//"delivery": "email"/' "$root/work/bank/employees.json" # one person
cp tests/lib/mailserver.py "$root/work"
cat > "$root/work/mail.py" << 'MAIL'
"""Sends the one message to a server with TLS beside. In the folder of 2025 and copies."""
import json, subprocess
from mailserver import Server, certificates

certificates(".")
server = Server(".")
with open("mail.json", "w") as out:
    json.dump({"format": "taxcert/mail/1", "server": f"smtp://localhost:{server.port}/bank.example", "ca": "ca.pem", "from": "lohn@bank.example",
               "subject": "2025", "text": "text\n", "file": "b.pdf", "per_minute": 100000}, out)
subprocess.run(["taxcert", "send", "2025", "--mail", "mail.json", "--copies", "copies"], check=True)
assert len(server.taken) == 1 and b"application/pdf" in server.taken[0][1], server.taken
MAIL
sed -n '/^```c$/,/^```$/p' include/README.md | sed '1d;$d' > "$root/work/client.c"
cp "$root/work/client.c" "$root/work/client.cpp"
cat > "$root/work/CMakeLists.txt" << 'LISTS'
cmake_minimum_required(VERSION 3.21)
project(client C CXX)
find_package(taxcert REQUIRED)
add_executable(client-c client.c)
add_executable(client-cpp client.cpp)
target_link_libraries(client-c taxcert::taxcert)
target_link_libraries(client-cpp taxcert::taxcert)
LISTS
cat > "$root/work/use.sh" << 'USE'
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -q > /dev/null
apt-get install -qy /work/taxcert.deb > /dev/null
useradd -m clerk
su clerk -s /bin/sh -c 'set -e; cd; cp -r /work/bank .; taxcert generate --allow-test-ids -e bank/employees.json bank/payroll.json -o 2025
    taxcert copies 2025 -o copies --list passwords.csv; [ "$(ls copies/*.pdf | wc -l)" = "$(ls 2025/certificates/*/*.pdf | wc -l)" ]
    taxcert verify 2025; taxcert find 2025 mueller; taxcert reprint 2025 100011 -o c.pdf; cmp c.pdf 2025/certificates/*/*-100011+LB25-100011-1.pdf'
apt-get install -qy --no-install-recommends python3 openssl > /dev/null # after what the package alone brings
su clerk -s /bin/sh -c 'cd; python3 /work/mail.py'
[ -s /usr/share/man/man1/taxcert.1.gz ] && [ -s /usr/share/man/de/man1/taxcert.1.gz ] || { echo "there is no manual"; exit 1; }
apt-get install -qy --no-install-recommends gcc g++ libc6-dev cmake make pkg-config > /dev/null
cmake -S /work -B /tmp/clients > /dev/null
cmake --build /tmp/clients > /dev/null
gcc /work/client.c $(pkg-config --cflags --libs taxcert) -o /tmp/client
for client in /tmp/client /tmp/clients/client-c /tmp/clients/client-cpp; do
    (cd /tmp && rm -rf again && "$client" /work/bank/payroll.json /work/bank/employees.json again 100011+LB25-100011-1)
done
apt-get purge -qy taxcert > /dev/null
if find / -xdev -path /proc -prune -o -iname '*taxcert*' -print | grep -v '^/work\|^/tmp\|^/home'; then echo "the package left something behind"; exit 1; fi
USE
in_root /work/use.sh
echo "package on $release: installed, used and removed ($root)"
