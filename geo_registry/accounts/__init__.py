"""ROOM who may, who did: accounts, what they are granted, how they are known, and the policy that every verb asks."""
