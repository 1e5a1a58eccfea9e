"""What stands before moto: who calls what, which answers are refused, split or counted."""
