# Where taxcert can run: what it relies on is asked before anything is built, and told in one sentence.
include(CheckCSourceCompiles)

check_c_source_compiles("int main(void) { return 0; }" TAXCERT_COMPILES)
if(NOT TAXCERT_COMPILES)
    message(FATAL_ERROR "The compiler makes no program with these flags: ${CMAKE_C_COMPILER} ${CMAKE_C_FLAGS}")
endif()

check_c_source_compiles("#include <stdint.h>
    __int128 wide; int main(void) { return sizeof(char[UINTPTR_MAX > 0xffffffffu ? 1 : -1]) + (int)wide; }" TAXCERT_64_BIT)
if(NOT TAXCERT_64_BIT)
    message(FATAL_ERROR "taxcert needs a 64-bit processor: exact decimals are __int128, and a year's files are mapped as a whole.")
endif()
check_c_source_compiles("int main(void) { return sizeof(char[__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : -1]); }" TAXCERT_LITTLE_ENDIAN)
if(NOT TAXCERT_LITTLE_ENDIAN)
    message(FATAL_ERROR "taxcert needs a little-endian processor: its bit streams are stored as words of the processor.")
endif()
check_c_source_compiles("#include <features.h>
    int main(void) { return sizeof(char[__GLIBC__ * 100 + __GLIBC_MINOR__ >= 232 ? 1 : -1]); }" TAXCERT_GLIBC)
if(NOT TAXCERT_GLIBC)
    message(FATAL_ERROR "taxcert needs the GNU C library, 2.32 or later (strerrorname_np); musl and others lack it.")
endif()
