"""What a network is asked, what it loses and what it scores."""
