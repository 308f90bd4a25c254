"""storj-monitor: what storage nodes did and earned, in any installed format."""
