# METADATA
# description: |
#   What is being asked. A state question has no operation (audit, a file as it stands); admission asks
#   CREATE, UPDATE or DELETE. Each rule is undefined where its question is not the one that is asked, so a
#   policy that reads it says nothing.
package lib.asked

import data.lib.keeping
import data.lib.meta

# METADATA
# description: |
#   The object of a state question, of CREATE and of UPDATE. Undefined on DELETE, on a subresource, for an
#   object that is being deleted (a bad object must stay deletable), and for one that a workload controls
#   (the workload is asked about instead).
object := input.review.object if {
	is_object(input.review.object)
	not input.review.operation == "DELETE"
	not _subresource
	not _going
	not meta.controlled_by_workload(input.review.object)
}

# METADATA
# description: |
#   The old object of an UPDATE: what a state policy already had to say about it is not news. Undefined otherwise.
before := input.review.oldObject if {
	input.review.operation == "UPDATE"
	is_object(input.review.oldObject)
}

# METADATA
# description: Both sides of an UPDATE, of the object or of one of its subresources.
update := {"old": input.review.oldObject, "new": input.review.object} if {
	input.review.operation == "UPDATE"
	is_object(input.review.oldObject)
	is_object(input.review.object)
}

# METADATA
# description: |
#   The object of a CREATE, whoever controls it: for what the request says, not the state, such as who sent it.
#   Undefined on a subresource, which brings an object of its own kind.
create := input.review.object if {
	input.review.operation == "CREATE"
	is_object(input.review.object)
	not _subresource
}

# METADATA
# description: |
#   Both sides of an UPDATE where the new one is a manifest that guard laid over the live object: what it does not name
#   stays. It keeps that object's uid and has no times of its own, while the API server copies creationTimestamp to
#   every update (apiserver v0.36 pkg/registry/rest/update.go, BeforeUpdate). Undefined otherwise.
laid_over := update if {
	update.new.metadata.uid == update.old.metadata.uid
	_timed(update.old)
	not _timed(update.new)
}

# METADATA
# description: |
#   The object that a DELETE would remove. Undefined when it is being deleted already: that decision was made
#   by an earlier request, and refusing the repetition would only wedge the controller that repeats it. Undefined also
#   where manifests no longer have it, nobody asks by name, and who deploys them was told to keep it.
delete := removal if {
	not meta.going(removal)
	not _left_alone
}

# METADATA
# description: |
#   The object that a DELETE would remove, also one that is being deleted already. For policies about how an object
#   goes, since a repetition can do what the first request did not (no grace where that one gave some): they answer
#   through verdict.removal, and name the controllers that repeat a deletion.
removal := input.review.oldObject if {
	input.review.operation == "DELETE"
	is_object(input.review.oldObject)
}

# METADATA
# description: |
#   The Eviction that asks for the removal of the pod of its name. The API server evicts without a DELETE that a policy
#   could be asked about (kubernetes v1.36 pkg/registry/core/pod/storage/eviction.go, addConditionAndDeletePod).
eviction := input.review.object if {
	input.review.operation == "CREATE"
	input.review.subResource == "eviction"
	is_object(input.review.object)
}

# METADATA
# description: The object of a state question, when it is being deleted.
terminating := input.review.object if {
	not input.review.operation == "CREATE"
	not input.review.operation == "UPDATE"
	not input.review.operation == "DELETE"
	meta.going(input.review.object)
}

# METADATA
# description: |
#   The name of who asks. Undefined when nobody is named (files, audit): that exempts from nothing.
user := input.review.userInfo.username if input.review.userInfo.username != ""

# METADATA
# description: The groups of who asks; empty when nobody is named.
groups := {group | some group in input.review.userInfo.groups}

# METADATA
# description: The options of the request (DeleteOptions, CreateOptions, ...); empty where nobody sends any.
default options := {}

options := input.review.options if is_object(input.review.options)

_left_alone if {
	not user
	keeping.survives_removal(removal)
}

_timed(obj) if is_string(obj.metadata.creationTimestamp)

_subresource if {
	is_string(input.review.subResource)
	input.review.subResource != ""
}

# The API server drops a deletionTimestamp that a CREATE brings and keeps the old object's on UPDATE
# (apiserver v0.36 pkg/registry/rest, WipeObjectMetaSystemFields and BeforeUpdate): nobody can write one.
_going if {
	input.review.operation == "UPDATE"
	meta.going(input.review.oldObject)
}

_going if {
	not input.review.operation == "CREATE"
	not input.review.operation == "UPDATE"
	meta.going(input.review.object)
}
