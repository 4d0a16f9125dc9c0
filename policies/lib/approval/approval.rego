# METADATA
# description: |
#   The annotation data-guard.dev/allow-delete on the object to be deleted: an RFC 3339 time until which it may
#   be deleted, at most 24 hours away. It is read from the old side only, so an earlier request put it there, and
#   both the intent and its author stand in the audit log.
package lib.approval

import data.lib.clock
import data.lib.meta

# METADATA
# description: An earlier request allowed this object's deletion, and the time has not run out.
holds(old) if {
	until := clock.instant(meta.annotation(old, "allow-delete"))
	time.now_ns() < until
	until <= time.now_ns() + clock.hours(24)
}

# METADATA
# description: |
#   Why an approval that someone wrote does not hold, as the end of a sentence; "" where none was written or it holds.
default refused(_) := ""

refused(old) := sprintf("; its allow-delete %s is not an RFC 3339 time", [json.marshal(text)]) if {
	text := meta.annotation(old, "allow-delete")
	not clock.instant(text)
} else := sprintf("; its allow-delete expired at %s", [text]) if {
	text := meta.annotation(old, "allow-delete")
	clock.instant(text) <= time.now_ns()
} else := sprintf("; its allow-delete %s is more than 24 hours away", [text]) if {
	text := meta.annotation(old, "allow-delete")
	clock.instant(text) > time.now_ns() + clock.hours(24)
}
