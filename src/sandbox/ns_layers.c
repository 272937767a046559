/*
 * ns_layers.c - layers of a function, seen together at /opt
 *
 * One is mounted there; several are an overlay file system without an upper side, in
 * which the first of its lower directories covers the others.  It separates them by
 * colons, and options are separated by commas; a backslash takes the meaning from both.
 */
#include "sandbox/ns.h"

#include <string.h>
#include <sys/mount.h>

#define AT "/opt"
#define OPTIONS_MAX 4096 /* bytes that mount(2) takes */

static int
overlay(const struct lam_box *box, struct lam_error *e)
{
	struct lam_buf b = LAM_BUF_INIT;
	int rc;

	lam_buf_puts(&b, "lowerdir=");
	for (uint32_t i = box->spec.nlayers; i-- > 0;) {
		for (const char *p = box->layer[i]; *p; p++) {
			if (strchr(":,\\", *p))
				lam_buf_putc(&b, '\\');
			lam_buf_putc(&b, *p);
		}
		if (i)
			lam_buf_putc(&b, ':');
	}
	rc = lam_buf_check(&b, e);
	if (!rc && b.n >= OPTIONS_MAX)
		rc = lam_fail(e, LAM_USAGE, "the paths of the layers are too long");
	if (!rc && mount("lam", AT, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV,
		lam_buf_str(&b)) < 0)
		rc = lam_fail_sys(e, AT ": several layers (one needs no overlay file "
			"system)");
	lam_buf_release(&b);
	return rc;
}

int
lam_ns_layers(const struct lam_box *box, struct lam_error *e)
{
	if (box->spec.nlayers == 0)
		return LAM_OK;
	if (box->spec.nlayers > 1)
		return overlay(box, e);
	if (mount(box->layer[0], AT, NULL, MS_BIND | MS_REC, NULL) < 0)
		return lam_fail_sys(e, AT ": the layer %s", box->layer[0]);
	return lam_ns_read_only(AT, e);
}
