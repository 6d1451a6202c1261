"""What people and operators are told of a refusal."""
