package lib.text_test

import data.lib.text

test_one_has_no_s if text.counted(1, "claim") == "1 claim"

test_none_and_many_have if {
	text.counted(0, "claim") == "0 claims"
	text.counted(12, "claim") == "12 claims"
}

test_up_to_three_are_listed if {
	text.few(["a"]) == "a"
	text.few(["a", "b"]) == "a and b"
	text.few(["a", "b", "c"]) == "a, b and c"
}

test_more_than_three_are_counted if {
	text.few(["a", "b", "c", "d"]) == "a, b, c and 1 more"
	text.few(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
}

test_nothing_is_nothing if {
	text.joined([]) == ""
	text.few([]) == ""
}
