// Made of docs/openapi.json by `npm run generate`.
export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys of access tokens (RFC 7517) */
        get: operations["readKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["readDocument"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/allow-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which addresses are let in whatever a detector says */
        get: operations["listAllowed"];
        put?: never;
        /** Let an address in whatever a detector says, for a while */
        post: operations["exemptAddress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/allow-list/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Judge an address as any other again */
        delete: operations["endExemption"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys of the caller */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Make an API key
         * @description The key is shown here and never again.
         */
        post: operations["makeApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description At once at this gateway, within two seconds at every other.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What operators did: who, what, to what, when, from where */
        get: operations["readAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where drones start, how far they fly and how much they carry */
        get: operations["listBases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bases/{id}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Command all drones of a base */
        post: operations["commandBase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bases/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause a base: its drones get no new flights */
        post: operations["pauseBase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/bases/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume a base */
        post: operations["resumeBase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How an order's delivery stands, as the dispatch sees it */
        get: operations["readDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deliveries/{orderId}/closure": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close an undecided delivery as failed */
        post: operations["closeDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deny-list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which addresses are refused, or held to stricter limits */
        get: operations["listDenials"];
        put?: never;
        /**
         * Refuse an address for a while
         * @description At once at this gateway, within a second at every other.
         */
        post: operations["denyAddress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/deny-list/{address}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let an address in again
         * @description Ends a denial or a stricter limit. What goes on as before is denied again: see the allow list.
         */
        delete: operations["allowAddress"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the drones of the registry */
        get: operations["listDrones"];
        put?: never;
        /**
         * Enrol a drone
         * @description It answers once the registry is with the brokers, so that the drone may report at once.
         */
        post: operations["enrolDrone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a drone, with what it last said of itself */
        get: operations["readDrone"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Command a drone */
        post: operations["commandDrone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/commands/{commandId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a command */
        get: operations["readCommand"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/commands/{commandId}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel a command that is not out yet */
        post: operations["cancelCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/grounding": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ground a drone: it gets no flight and no permit until it is released */
        post: operations["groundDrone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A drone's changes of health and its commands in a window of time */
        get: operations["readDroneHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Release a grounded drone that passes its self-check */
        post: operations["releaseDrone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/revocation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Revoke a drone: what it says from then on is refused */
        post: operations["revokeDrone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/drones/{id}/track": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A drone's way, as GeoJSON
         * @description The last hour, unless it is asked otherwise; at most a day. The next page is asked for with the same `from` and `to`, and `after` as `next` says.
         */
        get: operations["readTrack"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/accounting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What became of every position: given out = stored + refused + missing
         * @description `givenOut` is the highest sequence that was heard. `unheard`: how many lie between it and the ceiling that a later boot told of this one, `null` until one has. A drone counts its ceiling up in steps of 64, so up to 64 of them may never have been given out. A boot of which no position was heard is listed by its ceiling alone.
         */
        get: operations["readAccounting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/commands": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Command all drones */
        post: operations["commandFleet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/commands/{commandId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a command to many drones */
        get: operations["readFleetCommand"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/commands/{commandId}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel those parts of it that are not out yet */
        post: operations["cancelFleetCommand"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/positions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The newest position of each drone
         * @description `stale` and `Age` where the position service does not answer: then the last known ones.
         */
        get: operations["listPositions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/fleet/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the fleet live
         * @description `snapshot`, then `positions` at most four times a second with the newest of each drone, `health.changed`, `alert.raised`, `breaker.changed`, `heartbeat`, and last `end`.
         */
        get: operations["followFleet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/acknowledgements": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which troubles of drones an operator has seen */
        get: operations["listAcknowledgements"];
        put?: never;
        /**
         * Say that a drone's trouble was seen
         * @description Changes nothing about the drone. Whoever saw it first stands.
         */
        post: operations["acknowledgeAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What calls for an operator's eye */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/drones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every drone's health */
        get: operations["listHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/lag": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far the services are behind their topics */
        get: operations["readConsumerLag"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/link/judgement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Judge that the drones are silent themselves, and the link is not lost */
        post: operations["judgeLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the services behind the gateway are */
        get: operations["readServicesHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders, newest first
         * @description A customer's own; an operator's are all.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order
         * @description Decided at once: whether a drone can fly it, and when it will arrive. The same key and body give the same order, however often and through whichever gateway.
         */
        post: operations["placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an order */
        get: operations["readOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for the cancellation of an order
         * @description It is a request until the dispatch has answered it: `cancelled`, or back to what it was.
         */
        post: operations["cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow an order live
         * @description First `order` with the whole order, then one event a message, named after it, whose data is the order after it, with `at` and the message under `news`; `position` of the drone under way; `heartbeat`; last `end`. The id of an event is the version of the order: `Last-Event-ID` brings what was missed.
         */
        get: operations["followOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say whether the parcel came */
        post: operations["stateReceipt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}/record": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An order's flight record, on one time line
         * @description Order, flights with their epochs, positions, changes of health, commands and acknowledgements. Where a service does not answer, it says what is missing.
         */
        get: operations["readOrderRecord"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{id}/tracking-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a link by which the recipient follows this order */
        post: operations["makeTrackingLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description For people; a server uses an API key. Throttled by account and by address.
         */
        post: operations["signIn"];
        /** End a session */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/browser": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in, as a page does
         * @description The refresh token comes as a cookie that no script reads. Throttled by account and by address.
         */
        post: operations["signInBrowser"];
        /** End a page’s session, and its cookie */
        delete: operations["signOutBrowser"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/browser/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on with a page’s session, by its cookie */
        post: operations["refreshBrowserSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go on with a session
         * @description A refresh token serves once: one that is shown twice ends its session for good.
         */
        post: operations["refreshSession"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream-tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a ticket that opens one stream, once, within 30 s
         * @description For a browser, whose event source sends no header.
         */
        post: operations["makeStreamTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tracking/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the recipient sees of the order */
        get: operations["trackOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tracking/{token}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The recipient says whether the parcel came */
        post: operations["stateReceiptByLink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where drones may not fly */
        get: operations["listZones"];
        put?: never;
        /** Publish a no-fly zone */
        post: operations["publishZone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/zones/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Withdraw a no-fly zone */
        delete: operations["withdrawZone"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AuditEntry: {
            /** Format: date-time */
            at: string;
            from: string;
            target: string;
            what: string;
            who: string;
        };
        Base: {
            baseId: string;
            name: string;
            paused: boolean;
            payloadGMax: number;
            place: {
                lat: number;
                lon: number;
            };
            rangeM: number;
        };
        BootAccount: {
            boot: number;
            copies: number;
            droneId: string;
            givenOut: number;
            missing: number;
            missingRanges: [
                number,
                number
            ][];
            refused: number;
            refusedByReason: {
                [key: string]: number;
            };
            stored: number;
            unheard: number | null;
        };
        Delivery: {
            because: ("itinerary-refused" | "parcel-kept" | "drone-grounded" | "drone-silent" | "drone-revoked") | null;
            dropOff: {
                lat: number;
                lon: number;
            };
            flights: number;
            orderId: string;
            parcel: {
                weightG: number;
            };
            /** Format: date-time */
            placedAt: string;
            /** Format: date-time */
            since: string;
            /** @constant */
            status: "waiting";
            waitingFor: ("no-idle-drone" | "no-charged-drone" | "no-drone-at-base" | "base-paused" | "no-fly-zone") | null;
        } | {
            departed: boolean;
            dropOff: {
                lat: number;
                lon: number;
            };
            flight: {
                baseId: string;
                droneId: string;
                epoch: number;
                itineraryId: string;
            };
            orderId: string;
            parcel: {
                weightG: number;
            };
            permit: {
                boot: number;
                permitRequestId: string;
                /** @enum {string} */
                time: "running" | "ran-out";
            } | null;
            /** Format: date-time */
            placedAt: string;
            /** @constant */
            status: "assigned";
        } | {
            dropOff: {
                lat: number;
                lon: number;
            };
            flight: {
                baseId: string;
                droneId: string;
                epoch: number;
                itineraryId: string;
            };
            orderId: string;
            parcel: {
                weightG: number;
            };
            permit: {
                boot: number;
                permitRequestId: string;
                /** @enum {string} */
                time: "running" | "ran-out";
            };
            /** Format: date-time */
            placedAt: string;
            /** Format: date-time */
            since: string;
            /** @constant */
            status: "undecided";
        } | {
            dropOff: {
                lat: number;
                lon: number;
            };
            flight: {
                baseId: string;
                droneId: string;
                epoch: number;
                itineraryId: string;
            };
            orderId: string;
            parcel: {
                weightG: number;
            };
            /** Format: date-time */
            placedAt: string;
            /** @constant */
            status: "handed-over";
        } | {
            failed: ("no-drone-in-time" | "too-many-attempts" | "closed-by-operator") | null;
            flight: {
                baseId: string;
                droneId: string;
                epoch: number;
                itineraryId: string;
            } | null;
            /** @enum {string} */
            how: "completed" | "cancelled" | "failed";
            note: string | null;
            orderId: string;
            /** @constant */
            status: "ended";
        };
        Drone: {
            baseId: string;
            droneId: string;
            /** Format: date-time */
            enrolledAt: string;
            hostId: string;
            keyVersion: number;
            name: string;
            revokedAt: string | null;
        };
        DroneCommand: {
            /** Format: date-time */
            changedAt: string;
            commandId: string;
            droneId: string;
            endsBoot: number | null;
            /** Format: date-time */
            issuedAt: string;
            /** @enum {string} */
            kind: "reboot" | "hold" | "resume" | "return" | "land";
            reason: string | null;
            /** @enum {string} */
            status: "queued" | "sent" | "acknowledged" | "in-progress" | "succeeded" | "failed" | "refused" | "expired" | "cancelled" | "unknown";
            ttlMs: number;
        };
        DroneDetail: {
            baseId: string;
            droneId: string;
            /** Format: date-time */
            enrolledAt: string;
            hostId: string;
            keyVersion: number;
            name: string;
            revokedAt: string | null;
            seen: {
                /** Format: date-time */
                at: string;
                batteryPct: number | null;
                boot: number;
                landed: boolean | null;
                place: {
                    lat: number;
                    lon: number;
                } | null;
                report: string;
            } | null;
        };
        DroneHealth: {
            droneId: string;
            evidence: {
                readings: {
                    [key: string]: number | string;
                };
                rule: string;
                thresholds: {
                    [key: string]: number;
                };
            } | null;
            incident: number;
            since: string | null;
            /** @enum {string} */
            status: "healthy" | "suspect" | "unresponsive" | "defective" | "rebooting" | "recovering" | "grounded";
        };
        FleetCommand: {
            byStatus: {
                [key: string]: number;
            };
            commandId: string;
            done: number;
            items: components["schemas"]["DroneCommand"][];
            total: number;
        };
        FleetSnapshotEvent: {
            items: components["schemas"]["LatestPosition"][];
            stale: boolean;
        };
        HealthAlerts: {
            items: components["schemas"]["DroneHealth"][];
            link: {
                inFlight: number | null;
                note: string | null;
                quiet: number | null;
                since: string | null;
                /** @enum {string} */
                status: "up" | "lost" | "judged";
            };
        };
        LatestPosition: {
            altitudeM: number;
            batteryPct: number;
            boot: number;
            droneId: string;
            headingDeg: number;
            lat: number;
            lon: number;
            seq: number;
            speedMps: number;
            /** Format: date-time */
            takenAt: string;
        };
        LatestPositions: {
            items: components["schemas"]["LatestPosition"][];
        };
        Order: {
            dropOff: {
                lat: number;
                lon: number;
            };
            estimatedHandOverAt: string | null;
            failedBecause: ("no-drone-in-time" | "too-many-attempts" | "closed-by-operator") | null;
            flight: {
                baseId: string;
                droneId: string;
                epoch: number;
                itineraryId: string;
            } | null;
            handedOver: {
                /** Format: date-time */
                handedOverAt: string;
                heightM: number;
                permitRequestId: string;
                place: {
                    lat: number;
                    lon: number;
                };
            } | null;
            orderId: string;
            parcel: {
                weightG: number;
            };
            /** Format: date-time */
            placedAt: string;
            seen: {
                deliveries: number;
                orders: number;
            };
            status: components["schemas"]["OrderStatus"];
            waitingFor: ("no-idle-drone" | "no-charged-drone" | "no-drone-at-base" | "base-paused" | "no-fly-zone") | null;
        };
        OrderPositionEvent: {
            altitudeM: number;
            batteryPct: number;
            boot: number;
            droneId: string;
            headingDeg: number;
            lat: number;
            lon: number;
            progressPct: number | null;
            seq: number;
            speedMps: number;
            /** Format: date-time */
            takenAt: string;
            toDropOffM: number;
        };
        /** @enum {string} */
        OrderStatus: "accepted" | "assigned" | "in-flight" | "delivered" | "closed" | "cancelling" | "undecided" | "cancelled" | "failed";
        PlaceOrder: {
            dropOff: {
                lat: number;
                lon: number;
            };
            parcel: {
                weightG: number;
            };
        };
        Problem: {
            code: string;
            detail?: string;
            field?: string;
            instance?: string;
            limit?: number | string;
            status: number;
            title: string;
            type: string;
            value?: unknown;
        } & {
            [key: string]: unknown;
        };
        ServicesHealth: {
            items: {
                instances: {
                    /** @enum {string} */
                    breaker: "closed" | "half-open" | "open";
                    inFlight: number;
                    url: string;
                }[];
                service: string;
                /** @enum {string} */
                status: "up" | "impaired" | "down";
            }[];
        };
        StreamEndEvent: {
            because: string;
        };
        Track: {
            geometry: ({
                coordinates: [
                    number,
                    number,
                    number
                ][];
                /** @constant */
                type: "LineString";
            } | {
                coordinates: [
                    number,
                    number,
                    number
                ];
                /** @constant */
                type: "Point";
            }) | null;
            properties: {
                droneId: string;
                next: string | null;
                times: string[];
                truncated: boolean;
            };
            /** @constant */
            type: "Feature";
        };
        Tracking: {
            drone: {
                altitudeM: number;
                headingDeg: number;
                lat: number;
                lon: number;
                /** Format: date-time */
                takenAt: string;
            } | null;
            dropOff: {
                lat: number;
                lon: number;
            };
            estimatedHandOverAt: string | null;
            handedOver: {
                /** Format: date-time */
                handedOverAt: string;
                place: {
                    lat: number;
                    lon: number;
                };
            } | null;
            status: components["schemas"]["OrderStatus"];
            waitingFor: ("no-idle-drone" | "no-charged-drone" | "no-drone-at-base" | "base-paused" | "no-fly-zone") | null;
        };
        Zone: {
            name: string;
            outline: {
                lat: number;
                lon: number;
            }[];
            zoneId: string;
        };
    };
    responses: {
        /** @description `address.denied`: This address is on the deny list. */
        "address.denied": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "address.denied";
                    /** @constant */
                    status?: 403;
                };
            };
        };
        /** @description `address.not-allowed`: This address is not on the allow list. */
        "address.not-allowed": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "address.not-allowed";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /** @description `address.not-denied`: This address is not on the deny list. */
        "address.not-denied": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "address.not-denied";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /** @description `addresses.too-many`: The list has as many addresses as are allowed. */
        "addresses.too-many": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "addresses.too-many";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /**
         * @description `api-key.revoked`: The API key that this request made was revoked since.
         *     `api-keys.too-many`: The owner has as many API keys as are allowed.
         */
        "api-key.revoked-or-api-keys.too-many": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "api-key.revoked" | "api-keys.too-many";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /** @description `api-key.unknown`: There is no such API key. */
        "api-key.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "api-key.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /**
         * @description `auth.forbidden`: The credential does not allow this.
         *     `address.denied`: This address is on the deny list.
         */
        "auth.forbidden-or-address.denied": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "auth.forbidden" | "address.denied";
                    /** @constant */
                    status?: 403;
                };
            };
        };
        /**
         * @description `auth.missing`: The request carries no credential.
         *     `auth.invalid`: The credential is not valid.
         */
        "auth.missing-or-auth.invalid": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "auth.missing" | "auth.invalid";
                    /** @constant */
                    status?: 401;
                };
            };
        };
        /** @description `base.unknown`: There is no such base. */
        "base.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "base.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /** @description `command.sent-already`: The command is out: only the drone can end it now. */
        "command.sent-already": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "command.sent-already";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /** @description `command.unknown`: There is no such command. */
        "command.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "command.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /**
         * @description `delivery.not-undecided`: Only an undecided delivery can be closed by an operator.
         *     `delivery.permit-running`: The hand-over permit may still be running.
         */
        "delivery.not-undecided-or-delivery.permit-running": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "delivery.not-undecided" | "delivery.permit-running";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /** @description `drone.name-taken`: A drone of that name is enrolled already. */
        "drone.name-taken": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "drone.name-taken";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /**
         * @description `drone.not-grounded`: The drone is not grounded.
         *     `drone.self-check-failed`: The drone does not pass its self-check.
         */
        "drone.not-grounded-or-drone.self-check-failed": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "drone.not-grounded" | "drone.self-check-failed";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /**
         * @description `drone.revoked`: The drone is revoked.
         *     `drone.never-booted`: The drone has not reported a boot yet.
         */
        "drone.revoked-or-drone.never-booted": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "drone.revoked" | "drone.never-booted";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /** @description `drone.unknown`: There is no such drone. */
        "drone.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "drone.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /** @description `gateway.overloaded`: More requests are under way than can be served fast: try again. */
        "gateway.overloaded": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "gateway.overloaded";
                    /** @constant */
                    status?: 503;
                };
            };
        };
        /**
         * @description `idempotency.key-missing`: The Idempotency-Key header is missing.
         *     `request.invalid`: The request breaks a rule of its schema.
         *     `request.malformed`: The request cannot be read.
         */
        "idempotency.key-missing-or-request.invalid-or-request.malformed": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency.key-missing" | "request.invalid" | "request.malformed";
                    /** @constant */
                    status?: 400;
                };
            };
        };
        /** @description `idempotency.key-reused`: This Idempotency-Key was used with another body. */
        "idempotency.key-reused": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency.key-reused";
                    /** @constant */
                    status?: 422;
                };
            };
        };
        /**
         * @description `idempotency.key-reused`: This Idempotency-Key was used with another body.
         *     `order.too-far`: The drop point is out of reach of every base.
         *     `order.too-heavy`: The parcel is heavier than any drone carries.
         *     `order.in-zone`: The drop point lies in a no-fly zone.
         */
        "idempotency.key-reused-or-order.too-far-or-order.too-heavy-or-order.in-zone": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "idempotency.key-reused" | "order.too-far" | "order.too-heavy" | "order.in-zone";
                    /** @constant */
                    status?: 422;
                };
            };
        };
        /** @description `internal`: Something broke on our side. */
        internal: {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "internal";
                    /** @constant */
                    status?: 500;
                };
            };
        };
        /** @description `link.not-lost`: No link is lost. */
        "link.not-lost": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "link.not-lost";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /** @description `order.illegal-move`: The order cannot do this in its state. */
        "order.illegal-move": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "order.illegal-move";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /**
         * @description `order.illegal-move`: The order cannot do this in its state.
         *     `order.not-open`: The order has ended.
         */
        "order.illegal-move-or-order.not-open": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "order.illegal-move" | "order.not-open";
                    /** @constant */
                    status?: 409;
                };
            };
        };
        /**
         * @description `order.no-base`: No base is known yet.
         *     `service.unavailable`: A part that this request needs is not available.
         *     `gateway.overloaded`: More requests are under way than can be served fast: try again.
         */
        "order.no-base-or-service.unavailable-or-gateway.overloaded": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "order.no-base" | "service.unavailable" | "gateway.overloaded";
                    /** @constant */
                    status?: 503;
                };
            };
        };
        /** @description `order.unknown`: There is no such order. */
        "order.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "order.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /**
         * @description `page.cursor-invalid`: The cursor is not one that a page gave.
         *     `request.invalid`: The request breaks a rule of its schema.
         */
        "page.cursor-invalid-or-request.invalid": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "page.cursor-invalid" | "request.invalid";
                    /** @constant */
                    status?: 400;
                };
            };
        };
        /** @description `rate.exceeded`: More requests than the limit allows. */
        "rate.exceeded": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "rate.exceeded";
                    /** @constant */
                    status?: 429;
                };
            };
        };
        /** @description `request.invalid`: The request breaks a rule of its schema. */
        "request.invalid": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "request.invalid";
                    /** @constant */
                    status?: 400;
                };
            };
        };
        /**
         * @description `request.invalid`: The request breaks a rule of its schema.
         *     `request.malformed`: The request cannot be read.
         */
        "request.invalid-or-request.malformed": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "request.invalid" | "request.malformed";
                    /** @constant */
                    status?: 400;
                };
            };
        };
        /** @description `request.media-type`: The body is not of a media type that this route takes. */
        "request.media-type": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "request.media-type";
                    /** @constant */
                    status?: 415;
                };
            };
        };
        /** @description `request.too-large`: The body is larger than the limit. */
        "request.too-large": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "request.too-large";
                    /** @constant */
                    status?: 413;
                };
            };
        };
        /** @description `service.timeout`: A part that this request needs did not answer in time. */
        "service.timeout": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "service.timeout";
                    /** @constant */
                    status?: 504;
                };
            };
        };
        /**
         * @description `service.unavailable`: A part that this request needs is not available.
         *     `gateway.overloaded`: More requests are under way than can be served fast: try again.
         */
        "service.unavailable-or-gateway.overloaded": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "service.unavailable" | "gateway.overloaded";
                    /** @constant */
                    status?: 503;
                };
            };
        };
        /** @description `session.ended`: The session has ended: sign in again. */
        "session.ended": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "session.ended";
                    /** @constant */
                    status?: 401;
                };
            };
        };
        /** @description `session.refused`: User and password do not match. */
        "session.refused": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "session.refused";
                    /** @constant */
                    status?: 401;
                };
            };
        };
        /**
         * @description `sign-in.throttled`: Too many sign-ins failed: wait.
         *     `rate.exceeded`: More requests than the limit allows.
         */
        "sign-in.throttled-or-rate.exceeded": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "Retry-After": components["headers"]["Retry-After"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "sign-in.throttled" | "rate.exceeded";
                    /** @constant */
                    status?: 429;
                };
            };
        };
        /**
         * @description `ticket.invalid`: The ticket was used, has run out, or never was.
         *     `auth.missing`: The request carries no credential.
         *     `auth.invalid`: The credential is not valid.
         */
        "ticket.invalid-or-auth.missing-or-auth.invalid": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "ticket.invalid" | "auth.missing" | "auth.invalid";
                    /** @constant */
                    status?: 401;
                };
            };
        };
        /**
         * @description `track.window-empty`: The window of time ends before it begins.
         *     `track.window-too-wide`: The window of time is wider than the limit.
         */
        "track.window-empty-or-track.window-too-wide": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "track.window-empty" | "track.window-too-wide";
                    /** @constant */
                    status?: 422;
                };
            };
        };
        /** @description `tracking.unknown`: There is no such tracking link. */
        "tracking.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "tracking.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
        /** @description `zone.unknown`: There is no such zone. */
        "zone.unknown": {
            headers: {
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {unknown} */
                    code?: "zone.unknown";
                    /** @constant */
                    status?: 404;
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /** @description How many seconds old the answer is, where it is the last known one. */
        Age: string;
        /** @description Names this state; `If-None-Match` asks whether it still is. */
        ETag: string;
        /** @description Where what was made is. */
        Location: string;
        /** @description What is left of the tightest limit, and for how many seconds. */
        RateLimit: string;
        /** @description The limits (IETF draft 8). */
        "RateLimit-Policy": string;
        /** @description How many seconds to wait. */
        "Retry-After": string;
        /** @description Names this request in every log and message that it causes. */
        "X-Correlation-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A JWK set. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            /** @constant */
                            alg: "ES256";
                            /** @constant */
                            crv: "P-256";
                            kid: string;
                            /** @constant */
                            kty: "EC";
                            /** @constant */
                            use: "sig";
                            x: string;
                            y: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["gateway.overloaded"];
        };
    };
    readDocument: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        openapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            403: components["responses"]["address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["gateway.overloaded"];
        };
    };
    listAllowed: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            address: string;
                            reason: string;
                            /** @enum {string} */
                            treatment: "deny" | "limit" | "allow";
                            /** Format: date-time */
                            until: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["gateway.overloaded"];
        };
    };
    exemptAddress: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    address: string;
                    /** @default 3600 */
                    forS?: number;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The entry. */
            201: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        address: string;
                        reason: string;
                        /** @enum {string} */
                        treatment: "deny" | "limit" | "allow";
                        /** Format: date-time */
                        until: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            409: components["responses"]["addresses.too-many"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    endExemption: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Off the list. */
            204: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["address.not-allowed"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Without their secrets. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            createdAt: string;
                            id: string;
                            name: string;
                            start: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
        };
    };
    makeApiKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description The key. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        createdAt: string;
                        id: string;
                        key: string;
                        name: string;
                        start: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            409: components["responses"]["api-key.revoked-or-api-keys.too-many"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Revoked. */
            204: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["api-key.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readAudit: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEntry"][];
                        next: string | null;
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["page.cursor-invalid-or-request.invalid"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
        };
    };
    listBases: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All bases. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Base"][];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    commandBase: {
        parameters: {
            query?: never;
            header: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "reboot" | "hold" | "resume" | "return" | "land";
                    /** @default 60000 */
                    ttlMs?: number;
                };
            };
        };
        responses: {
            /** @description Its parts, one a drone, each with its own outcome. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetCommand"];
                };
            };
            400: components["responses"]["idempotency.key-missing-or-request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["base.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    pauseBase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The base after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Base"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["base.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    resumeBase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The base after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Base"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["base.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How the delivery stands. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["order.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    closeDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                orderId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note: string;
                };
            };
        };
        responses: {
            /** @description How the delivery stands. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["order.unknown"];
            409: components["responses"]["delivery.not-undecided-or-delivery.permit-running"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listDenials: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            address: string;
                            reason: string;
                            /** @enum {string} */
                            treatment: "deny" | "limit" | "allow";
                            /** Format: date-time */
                            until: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["gateway.overloaded"];
        };
    };
    denyAddress: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    address: string;
                    /** @default 3600 */
                    forS?: number;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description The entry. */
            201: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        address: string;
                        reason: string;
                        /** @enum {string} */
                        treatment: "deny" | "limit" | "allow";
                        /** Format: date-time */
                        until: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            409: components["responses"]["addresses.too-many"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    allowAddress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                address: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Off the list. */
            204: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["address.not-denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listDrones: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them, revoked ones too. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Drone"][];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    enrolDrone: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    baseId: string;
                    hostId: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description The registry entry. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drone"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["base.unknown"];
            409: components["responses"]["drone.name-taken"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readDrone: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The drone. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneDetail"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    commandDrone: {
        parameters: {
            query?: never;
            header: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "reboot" | "hold" | "resume" | "return" | "land";
                    /** @default 60000 */
                    ttlMs?: number;
                };
            };
        };
        responses: {
            /** @description The command, as far as it has come. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneCommand"];
                };
            };
            400: components["responses"]["idempotency.key-missing-or-request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            409: components["responses"]["drone.revoked-or-drone.never-booted"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readCommand: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                commandId: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The command, as far as it has come. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneCommand"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["command.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    cancelCommand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                commandId: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The command, as far as it has come. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneCommand"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["command.unknown"];
            409: components["responses"]["command.sent-already"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    groundDrone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note: string;
                };
            };
        };
        responses: {
            /** @description The drone's health after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneHealth"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readDroneHistory: {
        parameters: {
            query: {
                from: string;
                to?: string;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both, oldest first, each command with the times of its steps. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        commands: {
                            commandId: string;
                            issuedBy: string;
                            /** @enum {string} */
                            kind: "reboot" | "hold" | "resume" | "return" | "land";
                            reason: string | null;
                            steps: {
                                /** Format: date-time */
                                at: string;
                                /** @enum {string} */
                                status: "queued" | "sent" | "acknowledged" | "in-progress" | "succeeded" | "failed" | "refused" | "expired" | "cancelled" | "unknown";
                            }[];
                        }[];
                        health: {
                            /** Format: date-time */
                            at: string;
                            evidence: {
                                readings: {
                                    [key: string]: number | string;
                                };
                                rule: string;
                                thresholds: {
                                    [key: string]: number;
                                };
                            };
                            /** @enum {string} */
                            from: "healthy" | "suspect" | "unresponsive" | "defective" | "rebooting" | "recovering" | "grounded";
                            orders: string | null;
                            /** @enum {string} */
                            to: "healthy" | "suspect" | "unresponsive" | "defective" | "rebooting" | "recovering" | "grounded";
                        }[];
                        truncated: boolean;
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    releaseDrone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note: string;
                };
            };
        };
        responses: {
            /** @description The drone's health after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DroneHealth"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            409: components["responses"]["drone.not-grounded-or-drone.self-check-failed"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    revokeDrone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The registry entry after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Drone"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readTrack: {
        parameters: {
            query?: {
                after?: string;
                from?: string;
                limit?: number;
                to?: string;
                toleranceM?: number;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A LineString with one time a vertex; a Point where there is one vertex. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Track"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            422: components["responses"]["track.window-empty-or-track.window-too-wide"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readAccounting: {
        parameters: {
            query?: {
                droneId?: string;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By drone and boot, and in all. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        earlier: {
                            boots: number;
                            copies: number;
                            droneId: string;
                            givenOut: number;
                            missing: number;
                            refused: number;
                            stored: number;
                        }[];
                        items: components["schemas"]["BootAccount"][];
                        refusedMessages: {
                            [key: string]: number;
                        };
                        total: {
                            boots: number;
                            copies: number;
                            givenOut: number;
                            missing: number;
                            refused: number;
                            stored: number;
                            unheard: number;
                        };
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["drone.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    commandFleet: {
        parameters: {
            query?: never;
            header: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "reboot" | "hold" | "resume" | "return" | "land";
                    /** @default 60000 */
                    ttlMs?: number;
                };
            };
        };
        responses: {
            /** @description Its parts, one a drone, each with its own outcome. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetCommand"];
                };
            };
            400: components["responses"]["idempotency.key-missing-or-request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readFleetCommand: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                commandId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its parts, one a drone, each with its own outcome. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetCommand"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["command.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    cancelFleetCommand: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                commandId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its parts, one a drone, each with its own outcome. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FleetCommand"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["command.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listPositions: {
        parameters: {
            query?: {
                at?: string;
                bbox?: string;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One a drone. */
            200: {
                headers: {
                    Age: components["headers"]["Age"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["LatestPosition"][];
                        stale?: boolean;
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    followFleet: {
        parameters: {
            query?: {
                bbox?: string;
                ticket?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["request.invalid"];
            401: components["responses"]["ticket.invalid-or-auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
        };
    };
    listAcknowledgements: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The newest 500, the newest first. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: date-time */
                            at: string;
                            by: string;
                            droneId: string;
                            incident: number;
                            note?: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
        };
    };
    acknowledgeAlert: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    droneId: string;
                    incident: number;
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Who saw it, and when. */
            201: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        at: string;
                        by: string;
                        droneId: string;
                        incident: number;
                        note?: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listAlerts: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Drones in trouble, and the link. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthAlerts"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listHealth: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One a drone that is enrolled. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["DroneHealth"][];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readConsumerLag: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As the brokers know it, at most two seconds old. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            behind: number;
                            partitions: number;
                            service: string;
                            topic: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
        };
    };
    judgeLink: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note: string;
                };
            };
        };
        responses: {
            /** @description The link after it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        inFlight: number | null;
                        note: string | null;
                        quiet: number | null;
                        since: string | null;
                        /** @enum {string} */
                        status: "up" | "lost" | "judged";
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            409: components["responses"]["link.not-lost"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readServicesHealth: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each with its instances and their breakers. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServicesHealth"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["gateway.overloaded"];
        };
    };
    listOrders: {
        parameters: {
            query?: {
                cursor?: string;
                limit?: number;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of orders, and the cursor of the next. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Order"][];
                        next?: string | null;
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["page.cursor-invalid-or-request.invalid"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    placeOrder: {
        parameters: {
            query?: never;
            header: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlaceOrder"];
            };
        };
        responses: {
            /** @description The order, accepted. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["idempotency.key-missing-or-request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused-or-order.too-far-or-order.too-heavy-or-order.in-zone"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["order.no-base-or-service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order. */
            200: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["order.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    cancelOrder: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Noted. The outcome follows as an event of the order. */
            202: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["order.unknown"];
            409: components["responses"]["order.illegal-move-or-order.not-open"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    followOrder: {
        parameters: {
            query?: {
                ticket?: string;
            };
            header?: {
                /** @description The id of the last event seen. */
                "Last-Event-ID"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["ticket.invalid-or-auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["order.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    stateReceipt: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    came: boolean;
                };
            };
        };
        responses: {
            /** @description Noted. The outcome follows as an event of the order. */
            202: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["order.unknown"];
            409: components["responses"]["order.illegal-move"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    readOrderRecord: {
        parameters: {
            query?: {
                positions?: number;
            };
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The record. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        flights: {
                            baseId: string;
                            droneId: string;
                            epoch: number;
                            /** Format: date-time */
                            estimatedHandOverAt: string;
                            /** Format: date-time */
                            from: string;
                            itineraryId: string;
                            /** @enum {string} */
                            parcel: "not-departed" | "aboard" | "handed-over" | "to-be-returned" | "returned" | "unknown";
                            positions: {
                                of: number;
                                shown: number;
                                truncated: boolean;
                            } | null;
                            until: string | null;
                        }[];
                        missing: string[];
                        order: components["schemas"]["Order"];
                        timeline: {
                            /** Format: date-time */
                            at: string;
                            data: {
                                [key: string]: unknown;
                            };
                            droneId: string | null;
                            epoch: number | null;
                            /** @enum {string} */
                            source: "order" | "delivery" | "drone" | "health" | "command" | "position";
                            what: string;
                        }[];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["order.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    makeTrackingLink: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token, which names no customer and no drone. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        path: string;
                        token: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["order.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                    user: string;
                };
            };
        };
        responses: {
            /** @description An access token of ten minutes, and a refresh token. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accessToken: string;
                        /** Format: date-time */
                        expiresAt: string;
                        refreshToken: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["session.refused"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["sign-in.throttled-or-rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refreshToken: string;
                };
            };
        };
        responses: {
            /** @description It has ended, now or before. */
            204: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    signInBrowser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    password: string;
                    user: string;
                };
            };
        };
        responses: {
            /** @description An access token of ten minutes, and the role. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accessToken: string;
                        /** Format: date-time */
                        expiresAt: string;
                        /** @enum {string} */
                        role: "customer" | "operator";
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["session.refused"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["sign-in.throttled-or-rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    signOutBrowser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description It has ended, now or before. */
            204: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    refreshBrowserSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description The next access token; the cookie is another. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accessToken: string;
                        /** Format: date-time */
                        expiresAt: string;
                        /** @enum {string} */
                        role: "customer" | "operator";
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["session.ended"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    refreshSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    refreshToken: string;
                };
            };
        };
        responses: {
            /** @description The next pair of tokens. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accessToken: string;
                        /** Format: date-time */
                        expiresAt: string;
                        refreshToken: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["session.ended"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    makeStreamTicket: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The ticket. */
            201: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: date-time */
                        expiresAt: string;
                        ticket: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    trackOrder: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order as its recipient may see it. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tracking"];
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["tracking.unknown"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    stateReceiptByLink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    came: boolean;
                };
            };
        };
        responses: {
            /** @description Noted. */
            202: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tracking"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            403: components["responses"]["address.denied"];
            404: components["responses"]["tracking.unknown"];
            409: components["responses"]["order.illegal-move"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    listZones: {
        parameters: {
            query?: never;
            header?: {
                /** @description An ETag: 304 where it still is. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All zones. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Zone"][];
                    };
                };
            };
            /** @description It is as the reader has it. */
            304: {
                headers: {
                    ETag: components["headers"]["ETag"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["address.denied"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    publishZone: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller: the same key and body give the same answer, and another body is 422. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    outline: {
                        lat: number;
                        lon: number;
                    }[];
                };
            };
        };
        responses: {
            /** @description The zone. */
            201: {
                headers: {
                    Location: components["headers"]["Location"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Zone"];
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            422: components["responses"]["idempotency.key-reused"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
    withdrawZone: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdrawn. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-Correlation-Id": components["headers"]["X-Correlation-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        withdrawn: true;
                        zoneId: string;
                    };
                };
            };
            400: components["responses"]["request.invalid-or-request.malformed"];
            401: components["responses"]["auth.missing-or-auth.invalid"];
            403: components["responses"]["auth.forbidden-or-address.denied"];
            404: components["responses"]["zone.unknown"];
            413: components["responses"]["request.too-large"];
            415: components["responses"]["request.media-type"];
            429: components["responses"]["rate.exceeded"];
            500: components["responses"]["internal"];
            503: components["responses"]["service.unavailable-or-gateway.overloaded"];
            504: components["responses"]["service.timeout"];
        };
    };
}
