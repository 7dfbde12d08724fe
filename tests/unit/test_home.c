/* Where the library lies: of a program that it is linked into, the program's own file, by whatever name that was started. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/home.h"

#define CHILD "TEST_HOME_CHILD" /* in the surroundings: only say it */

static char self[FILE_PATH_MAX]; /* this program's file */

/* What the program says that is started from the folder by this name. */
static void say(const char *folder, const char *name, char said[FILE_PATH_MAX])
{
    int ends[2], status;
    ssize_t length;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        if (chdir(folder) == 0 && dup2(ends[1], STDOUT_FILENO) >= 0)
            execlp(name, name, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    length = read(ends[0], said, FILE_PATH_MAX - 1);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    said[length] = '\0';
}

/* A file of the program's name in the folder at hand is not the program. */
static void a_name_that_path_found(void **state)
{
    char folder[] = "/tmp/test_home.XXXXXX", other[FILE_PATH_MAX], path[FILE_PATH_MAX], said[FILE_PATH_MAX];
    const char *name = strrchr(self, '/') + 1;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(other, sizeof other, "%s/%.200s", folder, name);
    close(open(other, O_WRONLY | O_CREAT | O_EXCL, 0644));
    snprintf(path, sizeof path, "%.*s", (int)(name - self), self);
    setenv("PATH", path, 1);
    setenv(CHILD, "1", 1);
    say(folder, name, said);
    assert_string_equal(said, self);
    say(folder, self, said);
    assert_string_equal(said, self);
    unlink(other);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_name_that_path_found)};
    char said[FILE_PATH_MAX];

    if (getenv(CHILD))
        return !home_library(said) || fputs(said, stdout) < 0;
    return !realpath("/proc/self/exe", self) || cmocka_run_group_tests(tests, NULL, NULL);
}
