/*
 * progress.c - how far the work of this process has come
 */
#include "base/progress.h"

struct lam_progress lam_progress;
