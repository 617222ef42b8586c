"""What training runs leave behind, as plain data: settings, records, folders, reading. No plots."""
