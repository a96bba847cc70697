"""The seven chapters of the plan, one room each: what the report says, in no particular form."""
