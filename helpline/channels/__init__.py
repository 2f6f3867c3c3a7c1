"""Adapters: a provider's event becomes an `Inbound`, a delivery a provider's request. Nothing is decided here."""

from helpline.channels import bot_library

# Before any of the modules beside this one imports aiogram.
bot_library.load()
