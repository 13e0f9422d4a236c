"""What is on disk of telling people: frozen recipients, released waves, and every attempt before and after it."""
