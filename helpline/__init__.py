"""A helpline service for relatives of people who are ill."""
