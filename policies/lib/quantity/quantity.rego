# METADATA
# description: |
#   Sizes as Kubernetes writes them
#   (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
package lib.quantity

# METADATA
# description: The number that a quantity stands for; undefined for what is none.
number(quantity) := quantity if {
	is_number(quantity)
} else := units.parse(quantity)

# METADATA
# description: |
#   Bytes for a person, rounded down to one decimal of the largest binary unit.
size(bytes) := sprintf("%v%s", [floor((bytes * 10) / unit) / 10, _names[i]]) if {
	i := min([i | some i, unit in _units; bytes >= unit])
	unit := _units[i]
} else := sprintf("%v", [bytes])

_names := ["Pi", "Ti", "Gi", "Mi", "Ki"]

_units := [1125899906842624, 1099511627776, 1073741824, 1048576, 1024]
