"""`make bench`: how long the pages and services of a full house take, as multiples of an empty page."""
