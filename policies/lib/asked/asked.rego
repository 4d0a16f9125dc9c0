# METADATA
# description: |
#   What is being asked. A state question has no operation (audit, a file as it stands); admission asks
#   CREATE, UPDATE or DELETE. Each rule is undefined where its question is not the one that is asked, so a
#   policy that reads it says nothing.
package lib.asked

import data.lib.meta

# METADATA
# description: |
#   The object of a state question, of CREATE and of UPDATE. Undefined on DELETE, on a subresource, for an
#   object that is being deleted (a bad object must stay deletable), and for one that a workload controls
#   (the workload is asked about instead).
object := input.review.object if {
	is_object(input.review.object)
	not _operation("DELETE")
	not _subresource
	not input.review.object.metadata.deletionTimestamp
	not meta.controlled_by_workload(input.review.object)
}

# METADATA
# description: |
#   The old object of an UPDATE, else empty: what a state policy already had to say about it is not news.
default before := {}

before := input.review.oldObject if {
	_operation("UPDATE")
	is_object(input.review.oldObject)
}

# METADATA
# description: Both sides of an UPDATE, of the object or of one of its subresources.
update := {"old": input.review.oldObject, "new": input.review.object} if {
	_operation("UPDATE")
	is_object(input.review.oldObject)
	is_object(input.review.object)
}

# METADATA
# description: |
#   The object that a DELETE would remove. Undefined when it is being deleted already: that decision was made
#   by an earlier request, and refusing the repetition would only wedge the controller that repeats it.
delete := input.review.oldObject if {
	_operation("DELETE")
	is_object(input.review.oldObject)
	not input.review.oldObject.metadata.deletionTimestamp
}

# METADATA
# description: The object of a state question, when it is being deleted.
terminating := input.review.object if {
	not _operation("CREATE")
	not _operation("UPDATE")
	not _operation("DELETE")
	input.review.object.metadata.deletionTimestamp
}

# METADATA
# description: |
#   The name of who asks. Undefined when nobody is named (files, audit): that exempts from nothing.
user := input.review.userInfo.username if input.review.userInfo.username != ""

_operation(name) if input.review.operation == name

_subresource if input.review.subResource != ""
