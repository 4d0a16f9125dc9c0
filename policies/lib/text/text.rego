# METADATA
# description: How messages count and list.
package lib.text

# METADATA
# description: |
#   "1 claim", "2 claims".
counted(number, noun) := sprintf("1 %s", [noun]) if {
	number == 1
} else := sprintf("%d %ss", [number, noun])

# METADATA
# description: |
#   "a", "a and b", "a, b and c"; of more than three "a, b, c and 2 more".
few(words) := joined(words) if {
	count(words) <= 3
} else := sprintf("%s and %d more", [concat(", ", array.slice(words, 0, 3)), count(words) - 3])

# METADATA
# description: |
#   "a", "a and b", "a, b and c".
joined(words) := concat("", words) if {
	count(words) < 2
} else := sprintf("%s and %s", [concat(", ", array.slice(words, 0, count(words) - 1)), words[count(words) - 1]])
