"""What templates may ask for beyond what their view gives them."""
