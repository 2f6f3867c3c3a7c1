"""Adapters: a provider's event becomes an `Inbound`, a delivery a provider's request. Nothing is decided here."""
