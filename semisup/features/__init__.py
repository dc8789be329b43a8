"""What a representation must be, and the tables and arrays that it gives."""
