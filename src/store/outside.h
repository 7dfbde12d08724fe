/* Where outputs may not go: into a run, whose list of hashes says what is in it, into one that is being made, into a form, or over what is read
 * for them. */
#ifndef STORE_OUTSIDE_H
#define STORE_OUTSIDE_H

#include <stddef.h>

#include "base/error.h"

/* False with err (TC_USAGE) where the path, which need not be there, lies in a run's folder, in one that is being made or in a form's, at any
 * depth; where the folder that it is to be made in is missing; or where nothing of this name can be: a part of the path is a file, the name too
 * long for the disk. */
bool outside_runs(const char *path, struct tc_error *err);
/* The same of a folder that has another name while it is made: that has to fit too. */
bool outside_folder(const char *path, struct tc_error *err);
#define OUTSIDE_MADE ".partial"
/* The same of a file that is given out; refused too where something else than a file stands there, or one of others (inputs and outputs; NULL is
 * none), whatever it is called there: files are the same by device and inode, those not made yet by their folder and name. */
bool outside_output(const char *path, const char *const *others, size_t count, struct tc_error *err);
/* The same, whatever stands there: for who looks at that himself. */
bool outside_place(const char *path, const char *const *others, size_t count, struct tc_error *err);
/* The head of a list of passwords (deliver/copies.c). They are nowhere else: outside_output refuses one's place, to every command. */
#define OUTSIDE_PASSWORDS "personnel_number,certificate,name,file,password\n"
/* False with err (TC_USAGE) where something stands there already, unless it may be replaced. */
bool outside_vacant(const char *path, bool replace, struct tc_error *err);
/* Whether two paths lead to one file, or to one place where none is yet. */
bool outside_is_same(const char *a, const char *b);

#endif
