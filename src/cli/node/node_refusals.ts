/** What every command about a node may be answered besides. */
export const OF_NODE = {
    NotFound: () => 'The node is not registered: `emc node register` does that.',
    Removed: () => 'The node was voted out of the network; its key cannot be used again.'
} as const;
