/** How the services behind the gateway are: each breaker's state, and how far each consumer is behind. */
import type { ConsumerLagReply, ServicesHealthReply } from '@fleet/contracts/front-door'
import { useQuery } from '@tanstack/react-query'
import { Answer } from '../answer.tsx'
import { lagQuery, servicesQuery } from '../queries.ts'

const statusWords = { up: 'Up', impaired: 'Impaired', down: 'Down' } as const
const breakerSentences = {
  closed: 'Breaker closed: it is asked as usual.',
  'half-open': 'Breaker half open: one request tries whether it is back.',
  open: 'Breaker open: it is not asked, and whoever asks is told so at once.',
} as const

export function Services() {
  const services = useQuery(servicesQuery)
  const lag = useQuery(lagQuery)
  return (
    <>
      <h1>Services</h1>
      <Answer query={services} what="services">
        {({ items }) => (
          <ul className="cards">
            {items.map((item) => (
              <Service key={item.service} item={item} />
            ))}
          </ul>
        )}
      </Answer>
      <h2>Messages waiting to be read</h2>
      <Answer query={lag} what="the consumers’ lag">
        {({ items }) => <LagTable items={items} />}
      </Answer>
    </>
  )
}

const Service = ({ item: { service, status, instances } }: { item: ServicesHealthReply['items'][number] }) => (
  <li className="card">
    <h3>
      {service} <span className={`state service-${status}`}>{statusWords[status]}</span>
    </h3>
    {instances.length === 0 && <p>No instance is known.</p>}
    <ul className="instances">
      {instances.map(({ url, breaker, inFlight }) => (
        <li key={url}>
          <span className="id">{url}</span>
          <span>{breakerSentences[breaker]}</span>
          <span className="quiet">{inFlight} under way</span>
        </li>
      ))}
    </ul>
  </li>
)

const LagTable = ({ items }: { items: ConsumerLagReply['items'] }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">Service</th>
        <th scope="col">Topic</th>
        <th scope="col" className="number">
          Behind
        </th>
      </tr>
    </thead>
    <tbody>
      {items.map(({ service, topic, behind }) => (
        <tr key={`${service} ${topic}`}>
          <td>{service}</td>
          <td className="id">{topic}</td>
          <td className="number">{behind.toLocaleString()}</td>
        </tr>
      ))}
    </tbody>
  </table>
)
