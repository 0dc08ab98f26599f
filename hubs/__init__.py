"""SignalR hubs for Django Channels: the stock client connects, hubs and actions say who may."""
