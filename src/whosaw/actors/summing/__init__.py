"""How many people each entity saw on a day, who bears which sign, and what is usual: sums of a day's views."""
