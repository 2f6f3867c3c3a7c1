"""A pretend Telegram and a pretend Twilio that speak the real HTTP contracts, with a page of handsets."""
