"""What a person is told of who saw themself, at any time: who they are known by, what they see, what is shown to them later, and what they say of it."""
