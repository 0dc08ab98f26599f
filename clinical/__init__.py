"""The ward board: wards, patients, observations, orders and the pages that show them."""
