#include "taxcert.h"

int main(void)
{
    return TC_USAGE;
}
