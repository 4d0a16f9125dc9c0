package lib.quantity_test

import data.lib.quantity

test_binary_and_decimal_units_are_read if {
	quantity.number("10Gi") == 10737418240
	quantity.number("1.5Ti") == 1649267441664
	quantity.number("10G") == 10000000000
	quantity.number("1e3") == 1000
}

test_m_is_a_thousandth_and_not_a_million if quantity.number("100m") == 0.1

test_a_number_is_itself if quantity.number(1024) == 1024

test_what_is_no_quantity_is_not_read if {
	every text in ["", "ten", "Gi", "10 Gi", "1,5Gi", null, true, ["1Gi"]] {
		not quantity.number(text)
	}
}

test_a_size_has_one_decimal_at_most if {
	quantity.size(10737418240) == "10Gi"
	quantity.size(1319413953331) == "1.1Ti"
	quantity.size(1125899906842624 * 4096) == "4096Pi"
	quantity.size(1536) == "1.5Ki"
	quantity.size(20) == "20"
	quantity.size(0) == "0"
}
